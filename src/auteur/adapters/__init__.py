"""Everything that touches the world: storage, processes, sockets, engines. One technology a module."""
