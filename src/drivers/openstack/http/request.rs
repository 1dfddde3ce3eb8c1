//! What is sent.

use std::sync::Arc;

use reqwest::Method;
use serde::Serialize;
use serde::de::DeserializeOwned;
use url::Url;
use zeroize::Zeroizing;

use super::page::{PageReader, ReadBody};
use crate::{Error, Kind, Result, Secret};

/// A request to a service. Its body and its token are never shown.
#[derive(Clone)]
pub(in crate::drivers::openstack) struct Request {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) token: Option<Secret>,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Option<Zeroizing<Vec<u8>>>,
    pub(super) body_type: &'static str,
    /// Whether doing it twice does no more than doing it once.
    pub(super) repeatable: bool,
    /// What reads the answer as it comes; else it is kept.
    pub(super) reader: Option<Arc<dyn ReadBody>>,
}

impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self}")
    }
}

impl std::fmt::Display for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.method, self.url)
    }
}

impl Request {
    /// A request without a body. `POST` and `PATCH` are not repeated once they may have been
    /// carried out.
    pub(in crate::drivers::openstack) fn new(method: Method, url: Url) -> Self {
        Self {
            repeatable: method.is_idempotent(),
            method,
            url,
            token: None,
            headers: Vec::new(),
            body: None,
            body_type: "application/json",
            reader: None,
        }
    }

    /// `GET url`, whose answer `reader` reads as it comes.
    pub(in crate::drivers::openstack) fn page<T: DeserializeOwned + Send + 'static>(
        url: Url,
        reader: Arc<PageReader<T>>,
    ) -> Self {
        Self {
            reader: Some(reader),
            ..Self::get(url)
        }
    }

    /// `GET url`.
    pub(in crate::drivers::openstack) fn get(url: Url) -> Self {
        Self::new(Method::GET, url)
    }

    /// With `body` as JSON.
    pub(in crate::drivers::openstack) fn json(mut self, body: &impl Serialize) -> Result<Self> {
        let bytes = serde_json::to_vec(body).map_err(|error| {
            Error::new(Kind::Internal, "a request's body cannot be written as JSON")
                .with_source(error)
        })?;
        self.body = Some(Zeroizing::new(bytes));
        Ok(self)
    }

    /// With `members` as a form has them.
    #[must_use]
    pub(in crate::drivers::openstack) fn form(mut self, members: &[(&str, &str)]) -> Self {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        self.body = Some(Zeroizing::new(form.extend_pairs(members).finish().into()));
        self.body_type = "application/x-www-form-urlencoded";
        self
    }

    /// With `token` as who asks; nobody does where it is empty.
    #[must_use]
    pub(in crate::drivers::openstack) fn token(mut self, token: Secret) -> Self {
        self.token = Some(token).filter(|token| !token.expose().is_empty());
        self
    }

    /// With the header `name`.
    #[must_use]
    pub(in crate::drivers::openstack) fn header(
        mut self,
        name: &'static str,
        value: String,
    ) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Although it is a `POST`, doing it twice does no harm.
    #[must_use]
    pub(in crate::drivers::openstack) fn repeatable(mut self) -> Self {
        self.repeatable = true;
        self
    }

    /// Whether its path or its body has `id` in it.
    pub(in crate::drivers::openstack) fn names(&self, id: &str) -> bool {
        let body = self.body.as_deref().map_or(&[][..], Vec::as_slice);
        self.url.path().contains(id) || body.windows(id.len()).any(|part| part == id.as_bytes())
    }

    /// Where it goes.
    pub(in crate::drivers::openstack) fn url(&self) -> &Url {
        &self.url
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_token_nor_body_is_shown() {
        let url = Url::parse("http://127.0.0.1:5000/v3/auth/tokens").unwrap();
        let request = Request::new(Method::POST, url)
            .json(&serde_json::json!({"password": "hunter2"}))
            .unwrap()
            .token(Secret::new("gAAAA".into()));
        assert_eq!(
            format!("{request:?} {request}"),
            "POST http://127.0.0.1:5000/v3/auth/tokens POST http://127.0.0.1:5000/v3/auth/tokens"
        );
        assert!(!request.repeatable);
    }
}
