//! Paths below a service's endpoint. An id that stands in one came out of some service's answer: it is
//! encoded, or refused, so that it leads to what it names and to nothing else. A text that was put
//! together by hand is no path.

use std::fmt::{self, Write as _};

use crate::{Error, Kind, Result};

/// A path below a service's endpoint, and its query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::drivers::openstack) struct Path(String);

impl From<&'static str> for Path {
    fn from(fixed: &'static str) -> Self {
        Self(fixed.to_owned())
    }
}

impl From<&Self> for Path {
    fn from(path: &Self) -> Self {
        path.clone()
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Path {
    /// What has the id `id` in the collection at `path`.
    ///
    /// # Errors
    /// [`Kind::Internal`] where `id` can be no id of a service's.
    pub(in crate::drivers::openstack) fn of(path: &'static str, id: &str) -> Result<Self> {
        Self::from("").below(path, id)
    }

    /// What has the id `id` in the collection at `path` below it.
    ///
    /// # Errors
    /// As [`Self::of`].
    pub(in crate::drivers::openstack) fn below(
        mut self,
        path: &'static str,
        id: &str,
    ) -> Result<Self> {
        let strange = |c: char| "/?#%\\".contains(c) || c.is_control();
        if id.is_empty() || matches!(id, "." | "..") || id.contains(strange) {
            let message = format!("the cloud tells of something in {path} whose id is {id:?}");
            return Err(Error::new(Kind::Internal, message));
        }
        self.0.push_str(path);
        self.0.push('/');
        for byte in id.bytes() {
            // RFC 3986's unreserved characters
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                self.0.push(char::from(byte));
            } else {
                let _ = write!(self.0, "%{byte:02X}");
            }
        }
        Ok(self)
    }

    /// What lies below it.
    pub(in crate::drivers::openstack) fn then(mut self, below: &'static str) -> Self {
        self.0.push_str(below);
        self
    }

    /// With `parameters` behind it.
    pub(in crate::drivers::openstack) fn query(
        path: &'static str,
        parameters: &[(&str, &str)],
    ) -> Self {
        let query: String = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(parameters)
            .finish();
        Self(format!("{path}?{query}"))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_id_leads_to_what_it_names() {
        let path = |id| Path::of("/servers", id).map(|path| path.then("/action").to_string());
        assert_eq!(path("6a23-b").unwrap(), "/servers/6a23-b/action");
        assert_eq!(path("m1 é+").unwrap(), "/servers/m1%20%C3%A9%2B/action");
        for id in ["", "a?x=1", "a/b", "a#b", "%2e", "..", ".", "a\\b", "a\nb"] {
            let error = path(id).unwrap_err();
            assert_eq!(error.kind(), Kind::Internal, "{id}");
            assert!(!error.message().contains('\n'), "{error}");
        }
    }

    proptest! {
        #[test]
        fn an_id_stays_one_segment(id in ".*") {
            if let Ok(path) = Path::of("/servers", &id) {
                let url = format!("http://x{path}");
                let url = url::Url::parse(&url).unwrap();
                prop_assert_eq!(url.as_str(), format!("http://x{path}"));
                prop_assert_eq!(url.path_segments().unwrap().count(), 2);
            }
        }
    }
}
