from django.apps import AppConfig


class ReviewsConfig(AppConfig):
    name = "reviews"

    def ready(self) -> None:
        from accounts import hooks
        from reviews import selectors

        hooks.register("reviews", export=selectors.export)
