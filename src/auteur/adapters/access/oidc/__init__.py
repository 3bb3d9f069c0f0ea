"""`TokenVerifier` for a studio's own identity provider, by OpenID Connect: tokens are JWTs that it has signed."""
