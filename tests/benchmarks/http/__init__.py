"""The service over HTTP beside a bare endpoint: same server, same database kind, same load, same run."""
