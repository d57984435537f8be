"""The database backend; Django finds it by this module's name."""

import select
from typing import Any

from django.contrib.gis.db.backends.postgis import base

STATEMENTS_KEPT = 400  # prepared for each connection; about as many as the site's busy pages have


class DatabaseWrapper(base.DatabaseWrapper):
    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        connection = super().get_new_connection(conn_params)
        connection.prepared_max = STATEMENTS_KEPT
        return connection

    def is_usable(self) -> bool:
        """Asked before every request that uses the database. Django sends a query; a look at the socket is enough.

        Between requests the server has nothing to say, so whatever can be read is that it has gone away (or a notice,
        for which connecting anew costs little).
        """
        if self.connection is None or self.connection.closed:
            return False
        watch = select.poll()  # unlike select(), for any number of open files
        watch.register(self.connection.fileno(), select.POLLIN)
        return not watch.poll(0)
