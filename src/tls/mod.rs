//! Certificates for `qemu+tls`.
