"""Who is at the other end of a socket."""


class SocketSignIn:
    def __init__(self, app: object) -> None:
        self.app = app
