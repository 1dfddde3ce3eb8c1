//! A cloud that is connected: requests to its services, with a token that is renewed when it nears its
//! end.
//!
//! | file | concern |
//! |---|---|
//! | `cache` | clouds that this process is logged in to |
//! | `session` | a login and its connections |
//! | `service` | the services |
//! | `endpoints` | where in the catalog they are, and the URLs below them |
//! | `path` | paths below an endpoint, with ids of the cloud's in them |
//! | `fresh` | what is known to be there, so that a 404 about it is doubted |
//! | `microversion` | the version that a service is asked for |
//! | `paging` | from one page of a listing to the next |

mod cache;
mod endpoints;
mod fresh;
mod microversion;
mod paging;
mod path;
mod service;
mod session;

use std::collections::HashMap;
use std::io::Read;
use std::sync::Arc;
use std::time::Duration;

use reqwest::Method;
use serde::Serialize;
use serde::de::DeserializeOwned;
use url::Url;

use super::http::{Answer, PageReader, Request, TimeLimit, TransportError, Tries};
use super::identity::Token;
use super::service_error;
use super::settings::Settings;
use crate::concurrent::Backoff;
use crate::transaction::{Cancel, HostId};
use crate::{Error, Kind, Result};
use endpoints::Located;
use fresh::Fresh;
pub(super) use path::Path;
pub(super) use service::Service;
use session::Session;

/// The pauses between two looks at what the cloud is about to do.
pub(super) const LOOK_AGAIN: Backoff = Backoff {
    first: Duration::from_millis(100),
    longest: Duration::from_secs(1),
};

/// A cloud that is connected. Shared by threads that ask side by side.
#[derive(Debug)]
pub(super) struct Cloud {
    session: Arc<Session>,
    endpoints: HashMap<Service, Url>,
    /// The interfaces of services that have none of those that are asked for.
    elsewhere: HashMap<Service, String>,
    region: String,
    project_id: Option<String>,
    /// Who is logged in, and to what.
    account: String,
    call_limit: Duration,
    cancel: Cancel,
    fresh: Fresh,
}

impl Cloud {
    /// Gets a token and the catalog; checks that the region has a compute service. One process logs
    /// in once for all calls with the same settings.
    pub(super) fn connect(settings: &Settings, cancel: &Cancel) -> Result<Self> {
        let limit = TimeLimit::new(settings.call_limit, cancel);
        let (session, kept) = cache::session(settings, &limit)?;
        let token = session.token(&limit)?;
        let found = match endpoints::locate(&session, &token, settings) {
            // the catalog may have grown since it was read
            Err(_) if kept => {
                let token = session.renew(&token, &limit)?;
                endpoints::locate(&session, &token, settings)
            }
            found => found,
        };
        let Located {
            region,
            endpoints,
            elsewhere,
        } = found?;
        Ok(Self {
            account: token.account(),
            project_id: token.project.as_ref().map(|project| project.id.clone()),
            session,
            endpoints,
            elsewhere,
            region,
            call_limit: settings.call_limit,
            cancel: cancel.clone(),
            fresh: Fresh::default(),
        })
    }

    /// The regions that can be chosen, without choosing one.
    pub(super) fn regions(settings: &Settings, cancel: &Cancel) -> Result<Vec<String>> {
        let limit = TimeLimit::new(settings.call_limit, cancel);
        let (session, kept) = cache::session(settings, &limit)?;
        let mut token = session.token(&limit)?;
        let regions = |token: &Token| endpoints::regions(&token.catalog, settings);
        if kept && regions(&token).len() < 2 {
            token = session.renew(&token, &limit)?;
        }
        Ok(regions(&token))
    }

    /// Whether the region has `service`; at another interface than those that are asked for, every request to
    /// it fails and says so.
    pub(super) fn has(&self, service: Service) -> bool {
        self.endpoints.contains_key(&service) || self.elsewhere.contains_key(&service)
    }

    /// The project's id.
    pub(super) fn project_id(&self) -> Option<&str> {
        self.project_id.as_deref()
    }

    /// The region.
    pub(super) fn region(&self) -> &str {
        &self.region
    }

    /// Who is logged in, and to what: `demo, project web`.
    pub(super) fn account(&self) -> &str {
        &self.account
    }

    /// What Keystone calls its version: `v3.14`.
    pub(super) fn keystone_release(&self) -> &str {
        self.session.keystone.release()
    }

    /// The newest microversion of Nova; none where it does not say.
    pub(super) fn compute_release(&self) -> Option<String> {
        let base = self.endpoints.get(&Service::Compute)?;
        let request = Request::get(endpoints::version_root(base)?);
        let answer = self
            .exchange(Service::Compute, &request, &self.limit())
            .ok()?;
        let version = answer.value()?["version"]["version"].as_str()?.to_owned();
        (!version.is_empty()).then_some(version)
    }

    /// What whoever uses the cloud should know of where its services are.
    pub(super) fn warnings(&self) -> Vec<String> {
        let secure = self.session.keystone.base().scheme() == "https";
        let mut open: Vec<_> = self
            .endpoints
            .iter()
            .filter(|(_, url)| secure && url.scheme() == "http")
            .map(|(service, url)| {
                format!(
                    "the {service} is reached by plain HTTP ({}), and the token with it",
                    endpoints::shown(url)
                )
            })
            .collect();
        open.sort();
        open
    }

    /// What tells this cloud and project from all others: what journals are about.
    pub(super) fn host_id(&self) -> HostId {
        let project = self.project_id().unwrap_or("-");
        let base = self.session.keystone.base();
        HostId::new(format!("{base}#{project}@{}", self.region))
    }

    /// `GET path`; retried where that is safe. 404 is [`crate::Kind::NotFound`].
    pub(super) fn get<T: DeserializeOwned>(
        &self,
        service: Service,
        path: impl Into<Path>,
    ) -> Result<T> {
        self.ask(service, Method::GET, path, None::<&()>)?.json()
    }

    /// The same; none where it is not there.
    pub(super) fn find<T: DeserializeOwned>(
        &self,
        service: Service,
        path: impl Into<Path>,
    ) -> Result<Option<T>> {
        match self.get(service, path) {
            Ok(found) => Ok(Some(found)),
            Err(error) if error.kind() == Kind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Every page of the listing at `path`: the elements of the array `member` (`servers`, `images` …).
    pub(super) fn list<T: DeserializeOwned + Send + 'static>(
        &self,
        service: Service,
        path: impl Into<Path>,
        member: &str,
    ) -> Result<Vec<T>> {
        let limit = self.limit();
        paging::every_page(self.url(service, path)?, member, |url, room| {
            let reader = PageReader::new(member, room);
            let request = Request::page(url, reader.clone());
            reader.page(&self.exchange(service, &request, &limit)?)
        })
    }

    /// `POST path`; not repeated once it may have been carried out.
    pub(super) fn post<T: DeserializeOwned>(
        &self,
        service: Service,
        path: impl Into<Path>,
        body: &impl Serialize,
    ) -> Result<T> {
        self.ask(service, Method::POST, path, Some(body))?.json()
    }

    /// `POST path` where nothing, or nothing of interest, is answered (Nova's actions).
    pub(super) fn tell(
        &self,
        service: Service,
        path: impl Into<Path>,
        body: &impl Serialize,
    ) -> Result<()> {
        self.ask(service, Method::POST, path, Some(body)).map(drop)
    }

    /// `PUT path`, where what is changed was not changed since it was at `revision`; a cloud that counts
    /// none is trusted.
    pub(super) fn put(
        &self,
        service: Service,
        path: impl Into<Path>,
        body: &impl Serialize,
        revision: Option<u64>,
    ) -> Result<()> {
        let mut request = Request::new(Method::PUT, self.url(service, path)?).json(body)?;
        if let Some(revision) = revision {
            request = request.header("If-Match", format!("revision_number={revision}"));
        }
        self.send(service, &request).map(drop)
    }

    /// `PUT path` with the `size` bytes of what `open` opens, for as long as they move. It is opened again where the
    /// service says that it has not taken them, and is asked again.
    pub(super) fn upload<R: Read + Send + 'static>(
        &self,
        service: Service,
        path: impl Into<Path>,
        mut open: impl FnMut() -> Result<R>,
        size: u64,
    ) -> Result<()> {
        let url = self.url(service, path)?;
        let whom = format!("{service} ({})", endpoints::shown(&url));
        // from the first refusal on: what was sent before may have taken hours
        let mut refused = None;
        loop {
            let token = self.session.token(&self.limit())?;
            let sent = self.session.http.upload(
                url.clone(),
                &token.secret,
                open()?,
                size,
                self.call_limit,
                &self.cancel,
            );
            let (tries, limit) = refused.get_or_insert_with(|| (Tries::begin(), self.limit()));
            let another = tries.another(&whom, &sent, false, limit);
            if another.map_err(|error| error.to_error(&whom))? {
                continue;
            }
            return match sent.map_err(|error| error.to_error(&whom))? {
                answer if answer.status().is_success() => Ok(()),
                answer => Err(service_error::of(service.name(), &answer)),
            };
        }
    }

    /// `id` was made or seen: a 404 about it is believed only where it stays.
    pub(super) fn seen(&self, id: &str) {
        self.fresh.seen(id);
    }

    /// From now on `id` may go at any time.
    pub(super) fn ends(&self, id: &str) {
        self.fresh.ends(id);
    }

    /// What `ask` finds of `id`, doubted where it is nothing and `id` is `shown` elsewhere.
    pub(super) fn doubt<T>(
        &self,
        id: &str,
        ask: impl Fn() -> Result<Option<T>>,
        shown: impl FnOnce() -> Result<bool>,
    ) -> Result<Option<T>> {
        self.fresh.doubt(id, ask, shown)
    }

    /// `DELETE path`; whether it was there.
    pub(super) fn delete(&self, service: Service, path: impl Into<Path>) -> Result<bool> {
        match self.ask(service, Method::DELETE, path, None::<&()>) {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == Kind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn limit(&self) -> TimeLimit {
        TimeLimit::new(self.call_limit, &self.cancel)
    }

    fn url(&self, service: Service, path: impl Into<Path>) -> Result<Url> {
        let Some(base) = self.endpoints.get(&service) else {
            let message = format!("the region {} has no {service}", self.region);
            let error = Error::new(Kind::Unsupported, &message);
            return Err(match self.elsewhere.get(&service) {
                None => error,
                Some(names) => self.session.at_its_place(
                    error
                        .with_field("/provider/interface")
                        .with_message(format!(
                            "{message} at the interface that is asked for; it has it at: {names}"
                        )),
                ),
            });
        };
        endpoints::below(base, path.into().as_str())
    }

    fn ask(
        &self,
        service: Service,
        method: Method,
        path: impl Into<Path>,
        body: Option<&impl Serialize>,
    ) -> Result<Answer> {
        let mut request = Request::new(method, self.url(service, path)?);
        if let Some(body) = body {
            request = request.json(body)?;
        }
        self.send(service, &request)
    }

    /// Sends `request`, again where it is answered that something is not there which was.
    fn send(&self, service: Service, request: &Request) -> Result<Answer> {
        let limit = self.limit();
        for pause in fresh::PAUSES {
            match self.exchange(service, request, &limit) {
                Err(error) if error.kind() == Kind::NotFound && self.fresh.is_about(request) => {
                    tracing::info!("{request} is asked again: it was there");
                    limit
                        .sleep(pause)
                        .map_err(|end| TransportError::from(end).to_error(service.name()))?;
                }
                answered => return answered,
            }
        }
        self.exchange(service, request, &limit)
    }

    /// Sends `request` with a token that lives, in a version that the service has. What is refused
    /// with 401 or 406 was not carried out, so that even a POST is sent again.
    fn exchange(&self, service: Service, request: &Request, limit: &TimeLimit) -> Result<Answer> {
        let mut token = self.session.token(limit)?;
        let mut renewed = false;
        loop {
            let version = self.session.versions.of(service);
            let mut sent = request.clone().token(token.secret.clone());
            if let Some(version) = version {
                for (name, value) in version.headers(service) {
                    sent = sent.header(name, value);
                }
            }
            let answer = self.session.http.send(&sent, limit).map_err(|error| {
                error.to_error(&format!("{service} ({})", endpoints::shown(request.url())))
            })?;
            match answer.status().as_u16() {
                401 if !renewed => {
                    renewed = true;
                    token = self.session.renew(&token, limit)?;
                }
                406 if self.session.versions.lower(service, version, &answer) => {}
                _ if answer.status().is_success() => return Ok(answer),
                _ => return Err(service_error::of(service.name(), &answer)),
            }
        }
    }
}
