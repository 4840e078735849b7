"""The seal of the log: hashes of committed rows, batch by batch, so that whoever changes a row later shows.

`merkle`, `leaves` and `chain` are pure; `rows`, `store` and `horizon` read and write the database; `sealer` seals,
`verify` looks for differences, `checkpoint` and `proof` are what an auditor keeps. See docs/explanation/sealing.md.
"""
