"""The tables of dj-stripe in one step, instead of its own history, which takes Django most of a minute on every new database.

After an upgrade of dj-stripe, read its release notes for changes of data and run `bin/manage makemigrations djstripe`.
"""
