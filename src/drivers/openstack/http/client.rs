//! The connections, and one request over them from its first try to its last.

use std::sync::Arc;
use std::time::Duration;

use reqwest::blocking::{Client, ClientBuilder};
use reqwest::redirect::Policy;
use reqwest::{Certificate, Identity};

use super::answer::Answer;
use super::exchange::exchange;
use super::redaction::Redaction;
use super::redirect::{self, Redirect};
use super::request::Request;
use super::retry::Tries;
use super::time_limit::TimeLimit;
use super::transport_error::{self, Cause, TransportError};
use crate::{Error, Kind, Result, Secret};

/// How many redirects are followed.
const REDIRECTS: usize = 5;

/// Whom to trust.
#[derive(Debug, Clone, Default)]
pub(in crate::drivers::openstack) struct Tls {
    /// Authorities (PEM) to trust in place of the system's.
    pub(in crate::drivers::openstack) authorities: Option<Vec<u8>>,
    /// Trust whatever answers.
    pub(in crate::drivers::openstack) insecure: bool,
    /// The client's certificate and its key (PEM), one behind the other.
    pub(in crate::drivers::openstack) identity: Option<Secret>,
}

/// Connections that are kept alive between requests.
#[derive(Debug, Clone)]
pub(in crate::drivers::openstack) struct Http {
    pub(super) client: Client,
    pub(super) redaction: Arc<Redaction>,
}

impl Http {
    /// No connection yet. `connect` is how long a peer has to accept one.
    pub(in crate::drivers::openstack) fn new(tls: &Tls, connect: Duration) -> Result<Self> {
        let builder = || -> Result<ClientBuilder> {
            let builder = Client::builder()
                .connect_timeout(connect)
                .timeout(None) // each request brings its own
                .pool_idle_timeout(Duration::from_secs(50))
                .redirect(Policy::none())
                .referer(false)
                .user_agent(concat!("va-driver/", env!("CARGO_PKG_VERSION")));
            let builder = match &tls.identity {
                Some(pem) => builder.identity(identity(pem)?),
                None => builder,
            };
            match &tls.authorities {
                Some(pem) => Ok(builder.tls_certs_only(certificates(pem)?)),
                None => Ok(builder),
            }
        };
        let built = if tls.insecure {
            tracing::warn!("insecure: it is not checked who answers");
            builder()?.tls_danger_accept_invalid_certs(true).build()
        } else {
            match builder()?.build() {
                // a machine without any authority: plain HTTP works all the same
                Err(error) if tls.authorities.is_none() => {
                    tracing::warn!(
                        "no certificate authorities are found on this machine, so https fails: {error}"
                    );
                    builder()?.tls_certs_only([]).build()
                }
                built => built,
            }
        };
        let client = built.map_err(|error| {
            Error::new(Kind::Internal, "no HTTP client can be made").with_source(error)
        })?;
        Ok(Self {
            client,
            redaction: Arc::default(),
        })
    }

    /// From now on `secret` is in nothing that is answered.
    pub(in crate::drivers::openstack) fn hide(&self, secret: &Secret) {
        self.redaction.hide_login(secret);
    }

    /// From now on `token` is in nothing that is answered, until many others are.
    pub(in crate::drivers::openstack) fn hide_token(&self, token: &Secret) {
        self.redaction.hide_token(token);
    }

    /// Sends `request`, again where that is safe and helps, until `limit`. An answer of any status
    /// is an answer.
    pub(in crate::drivers::openstack) fn send(
        &self,
        request: &Request,
        limit: &TimeLimit,
    ) -> transport_error::Result<Answer> {
        let mut request = request.clone();
        if let Some(token) = &request.token {
            self.redaction.hide_token(token);
        }
        let mut redirects = 0;
        loop {
            let answer = self.send_here(&request, limit)?;
            let location = answer.header("location");
            match redirect::target(&request.method, &request.url, answer.status(), location) {
                None => return Ok(answer),
                Some(Redirect::Here(to)) if self.redaction.text(to.as_str()) != to.as_str() => {
                    let words = "redirects to an address with a secret in it";
                    return Err(TransportError::new(Cause::Redirected, words));
                }
                Some(Redirect::Here(to)) if redirects < REDIRECTS => {
                    redirects += 1;
                    request.url = to;
                }
                Some(Redirect::Here(_)) => {
                    return Err(TransportError::new(
                        Cause::Redirected,
                        "redirects without end",
                    ));
                }
                Some(Redirect::Elsewhere(to)) => {
                    let words = format!(
                        "redirects to {}, where nothing secret is sent; if that is the right place, name it",
                        self.redaction.text(&to)
                    );
                    return Err(TransportError::new(Cause::Redirected, words));
                }
            }
        }
    }

    fn send_here(&self, request: &Request, limit: &TimeLimit) -> transport_error::Result<Answer> {
        let mut tries = Tries::begin();
        loop {
            let outcome = exchange(&self.client, &self.redaction, request, limit);
            if !tries.another(request, &outcome, request.repeatable, limit)? {
                return with_limit(outcome, limit);
            }
        }
    }
}

/// A timeout says how long was waited.
fn with_limit(
    outcome: transport_error::Result<Answer>,
    limit: &TimeLimit,
) -> transport_error::Result<Answer> {
    outcome.map_err(|error| match error.cause {
        Cause::TimedOut if limit.left().is_zero() => TransportError::new(
            Cause::TimedOut,
            format!("the time is up ({} s)", limit.length().as_secs()),
        ),
        Cause::TimedOut => TransportError::new(Cause::TimedOut, "no connection came about in time"),
        _ => error,
    })
}

fn identity(pem: &Secret) -> Result<Identity> {
    Identity::from_pem(pem.expose().as_bytes()).map_err(|_| {
        Error::invalid(
            "/provider/cert",
            "this is no certificate with its key in PEM form, unencrypted; the key may stand in the \
             same file or in one of its own, named in key",
        )
    })
}

fn certificates(pem: &[u8]) -> Result<Vec<Certificate>> {
    let refused = |why: &str| {
        Error::invalid(
            "/provider/cacert",
            format!("the file holds no certificate in PEM form{why}"),
        )
    };
    let found =
        Certificate::from_pem_bundle(pem).map_err(|error| refused("").with_source(error))?;
    if found.is_empty() {
        return Err(refused(""));
    }
    Ok(found)
}

#[cfg(test)]
pub(super) mod tests;
