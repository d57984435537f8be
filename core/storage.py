"""Files in a bucket. What lies under `public/` may be read by everybody, all else by links that end soon."""

from typing import Any

from storages.backends.s3 import S3Storage
from storages.utils import clean_name

LINK_SECONDS = 300  # the page's own link lives longer, and makes a new one each time it is opened


class BucketStorage(S3Storage):  # type: ignore[misc]
    """`public_url`: where a CDN, or the bucket by its policy, serves what lies under `public/`."""

    def __init__(self, *, public_url: str, **options: Any) -> None:
        if options.get("endpoint_url"):
            options["addressing_style"] = "path"  # other servers rarely have a name for each bucket
        else:  # the region's own address: links to the worldwide one are sent on, which the content policy refuses
            options["endpoint_url"] = f"https://s3.{options['region_name']}.amazonaws.com"
            options["addressing_style"] = "virtual"
        options |= {
            "default_acl": None,  # the bucket's policy decides, not each file
            "file_overwrite": True,  # every name is made up anew: nothing to ask the bucket about
            "querystring_auth": True,
            "querystring_expire": LINK_SECONDS,
            "signature_version": "s3v4",
        }
        super().__init__(**options)
        self.public_url = public_url.rstrip("/")

    def get_object_parameters(self, name: str) -> dict[str, Any]:
        """Names are made up anew for every file, so a public one may be kept for good."""
        kept = "public, max-age=31536000, immutable" if name.startswith("public/") else "private, no-store"
        return {**super().get_object_parameters(name), "CacheControl": kept}

    def url(self, name: str, parameters: Any = None, expire: Any = None, http_method: Any = None) -> str:
        if name.startswith("public/"):
            return f"{self.public_url}/{clean_name(name)}"
        return str(super().url(name, parameters=parameters, expire=expire, http_method=http_method))

    def link_to(self, name: str, *, content_type: str, disposition: str) -> str:
        """A signed link under which the bucket answers with these headers, whatever it has kept."""
        return self.url(
            name, parameters={"ResponseContentType": content_type, "ResponseContentDisposition": disposition}
        )
