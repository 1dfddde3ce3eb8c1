//! Which names go into a certificate.

use std::net::IpAddr;

use crate::{Error, Result};

/// The longest common name (RFC 5280, ub-common-name).
pub(super) const LONGEST_COMMON_NAME: usize = 64;

/// A name that clients reach a host by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum HostName {
    Dns(String),
    Ip(IpAddr),
}

impl HostName {
    /// Takes an IP address or a DNS name; `field` points at `text` in the request.
    pub(super) fn parse(field: &str, text: &str) -> Result<Self> {
        if let Ok(address) = text.parse() {
            return Ok(Self::Ip(address));
        }
        let labels = || text.split('.');
        let label = |label: &str| {
            matches!(label.len(), 1..=63)
                && label
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        // `10.0.0` is a mistyped address
        let numeric = labels()
            .next_back()
            .is_some_and(|last| last.bytes().all(|byte| byte.is_ascii_digit()));
        if text.len() <= 253 && labels().all(label) && !numeric {
            return Ok(Self::Dns(text.to_ascii_lowercase()));
        }
        let message = format!("{text:?} is neither a DNS name nor an IP address");
        Err(Error::invalid(field, message))
    }

    /// As it is written.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Dns(name) => name.clone(),
            Self::Ip(address) => address.to_string(),
        }
    }

    /// A folder's name for it: `scp` takes what stands before a colon for a host.
    pub(super) fn folder(&self) -> String {
        self.text().replace(':', "-")
    }
}

/// A client's common name, which is its folder's name too. In libvirt's `tls_allowed_dn_list` it is
/// matched as `CN=<name>`, where `*` and `,` would mean something else.
pub(super) fn client_name(field: &str, text: &str) -> Result<String> {
    let allowed = text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.len() <= LONGEST_COMMON_NAME
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "._@-".contains(c));
    if allowed {
        return Ok(text.to_owned());
    }
    let message = format!(
        "{text:?} cannot name a client: letters, digits and `._@-`, at most {LONGEST_COMMON_NAME}"
    );
    Err(Error::invalid(field, message))
}

#[cfg(test)]
mod tests {
    use super::{HostName, client_name};

    #[test]
    fn names_and_addresses_are_told_apart() {
        let parse = |text: &str| HostName::parse("/hosts/0", text);
        assert_eq!(
            parse("KVM-1.example.org").unwrap(),
            HostName::Dns("kvm-1.example.org".into())
        );
        assert_eq!(parse("fe80::1").unwrap().folder(), "fe80--1");
        assert_eq!(
            parse("10.0.0.5").unwrap(),
            HostName::Ip("10.0.0.5".parse().unwrap())
        );
        for bad in [
            "",
            ".",
            "..",
            "a..b",
            "-a",
            "a-",
            "a_b",
            "10.0.0",
            "1",
            "a/b",
            "*.a",
            "[::1]",
            "a:1",
            "é",
            "a.",
            &"a".repeat(64),
        ] {
            assert_eq!(parse(bad).unwrap_err().field(), Some("/hosts/0"), "{bad}");
        }
    }

    #[test]
    fn clients_are_plain_words() {
        assert_eq!(
            client_name("/clients/0", "admin@salt-master.1").unwrap(),
            "admin@salt-master.1"
        );
        for bad in ["", "..", "a,O=b", "a*", "a/b", "a b", &"a".repeat(65)] {
            assert_eq!(
                client_name("/clients/0", bad).unwrap_err().field(),
                Some("/clients/0"),
                "{bad}"
            );
        }
    }
}
