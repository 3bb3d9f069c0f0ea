"""Models behind Cog's HTTP interface, as Cog containers and the Function Runner serve them."""
