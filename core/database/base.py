"""The database backend; Django finds it by this module's name."""

import select

from django.contrib.gis.db.backends.postgis import base


class DatabaseWrapper(base.DatabaseWrapper):
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
