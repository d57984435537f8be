"""Where in the world an internet address is registered, by a table that comes with a package."""

from ipaddress import ip_address


def country_of(address: str) -> str:
    """ISO 3166 code of the country; empty for private, unknown and malformed addresses."""
    try:
        if not ip_address(address).is_global:
            return ""
    except ValueError:
        return ""
    import iptocc  # here: its table is a few megabytes, which only a list of sign-ins needs

    return str(iptocc.country_code(address) or "")
