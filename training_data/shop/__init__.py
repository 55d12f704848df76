"""云杉生活, the demo shop: the shop gateway and a small web shop that carries the chat bubble."""
