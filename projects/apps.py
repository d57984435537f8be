from django.apps import AppConfig


class ProjectsConfig(AppConfig):
    name = "projects"

    def ready(self) -> None:
        from accounts import hooks
        from projects import selectors
        from projects.services import leaving

        hooks.register("projects", withdraw=leaving.withdraw_of, erase=leaving.erase_of, export=selectors.export)
