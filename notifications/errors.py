from core.errors import Conflict


class TooManyWebhooks(Conflict):
    code = "too_many_webhooks"
    message = "You have ten webhooks, which is all there can be. Remove one first."


class WebhookIsOff(Conflict):
    code = "webhook_is_off"
    message = "This webhook is switched off. Switch it on first."
