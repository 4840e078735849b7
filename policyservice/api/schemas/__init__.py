"""The shapes of bodies and answers: they document, and they load what is asked."""
