"""The HTTP interface: how a room declares an endpoint, how it is asked, answered, described. See `registry.api.endpoints`."""
