"""The screens on which an administrator keeps clients, people and territories. Until then: imports and `flask user`."""
