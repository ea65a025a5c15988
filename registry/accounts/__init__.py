"""Users, roles, sign-in, sessions and the policy: who may do what."""
