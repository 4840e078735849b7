"""The steps from an empty database to the present schema, in `versions`; run by `db.migrate`."""
