//! Stands between the program and a real cloud, and once breaks or holds the answer to a request that a
//! test chooses, before the cloud has carried it out or after.

use std::collections::HashMap;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use reqwest::Method;
use reqwest::blocking::Client;
use serde_json::Value;

use crate::common::openstack::OpenStack;
use crate::stub::{Asked, Reply, Stub};

/// What happens, once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    /// The connection breaks, and the cloud hears nothing.
    CutBefore,
    /// The cloud does it, and the connection breaks.
    CutAfter,
    /// Nothing passes until [`FaultProxy::release`].
    HoldBefore,
    /// The cloud does it, and says so only after [`FaultProxy::release`].
    HoldAfter,
}

#[derive(Debug, Default)]
struct State {
    reached: bool,
    released: bool,
}

struct Shared {
    /// `POST`, and how the path ends.
    when: (&'static str, &'static str),
    what: What,
    /// Where each service really is, by the first part of the paths here.
    origins: HashMap<String, String>,
    client: Client,
    state: Mutex<State>,
    changed: Condvar,
}

/// The way to the cloud. It ends with the test program.
pub(crate) struct FaultProxy {
    stub: Stub,
    shared: Arc<Shared>,
}

/// Services, by their types in the catalog.
const SERVICES: [&str; 4] = ["compute", "image", "network", "volumev3"];

impl FaultProxy {
    /// Before the cloud `bed`: `what` happens at the first request of the method and path `when`.
    pub(crate) fn new(bed: &OpenStack, when: (&'static str, &'static str), what: What) -> Self {
        let demo = bed.demo();
        let mut origins: HashMap<String, String> = SERVICES
            .iter()
            .map(|service| ((*service).to_owned(), origin(demo.endpoint(service))))
            .collect();
        origins.insert(String::new(), origin(bed.env("VA_OS_AUTH_URL")));
        let client = Client::builder()
            .no_proxy()
            .timeout(Duration::from_secs(120))
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        let shared = Arc::new(Shared {
            when,
            what,
            origins,
            client,
            state: Mutex::default(),
            changed: Condvar::new(),
        });
        let serving = Arc::clone(&shared);
        let stub = Stub::start(move |asked| Some(serving.serve(asked)));
        Self { stub, shared }
    }

    /// The provider that goes this way.
    pub(crate) fn provider(&self, bed: &OpenStack) -> Value {
        bed.provider_with(&serde_json::json!({"identity_url": format!("{}/v3", self.stub.base)}))
    }

    /// Waits until it has happened.
    pub(crate) fn reached(&self) {
        let state = self.shared.state.lock().unwrap();
        let patience = Duration::from_secs(180);
        let waiting = |state: &mut State| !state.reached;
        let (state, _) = self
            .shared
            .changed
            .wait_timeout_while(state, patience, waiting)
            .unwrap();
        assert!(state.reached, "nobody asks for {:?}", self.shared.when);
    }

    /// Lets everything pass from now on.
    pub(crate) fn release(&self) {
        self.shared.state.lock().unwrap().released = true;
        self.shared.changed.notify_all();
    }
}

impl Shared {
    fn serve(&self, asked: &Asked) -> Reply {
        if !self.is_the_one(asked) {
            return self.forward(asked);
        }
        match self.what {
            What::CutBefore => {
                self.happened();
                Reply::Cut
            }
            What::CutAfter => {
                self.forward(asked);
                self.happened();
                Reply::Cut
            }
            What::HoldBefore => {
                self.happened();
                self.hold();
                Reply::Cut
            }
            What::HoldAfter => {
                let reply = self.forward(asked);
                self.happened();
                self.hold();
                reply
            }
        }
    }

    fn is_the_one(&self, asked: &Asked) -> bool {
        let (method, end) = self.when;
        let path = asked.path.split('?').next().unwrap();
        let mut state = self.state.lock().unwrap();
        // taken at once, so that it happens to one request only
        let is = asked.method == method && path.ends_with(end) && !state.reached && !state.released;
        state.released |= is && matches!(self.what, What::CutBefore | What::CutAfter);
        is
    }

    fn happened(&self) {
        self.state.lock().unwrap().reached = true;
        self.changed.notify_all();
    }

    fn hold(&self) {
        let state = self.state.lock().unwrap();
        let held = |state: &mut State| !state.released;
        drop(self.changed.wait_while(state, held).unwrap());
    }

    /// Lets the cloud do it; what it says of its places is said of those here.
    fn forward(&self, asked: &Asked) -> Reply {
        let first = asked.path.split('/').nth(1).unwrap_or_default();
        let (origin, path) = match self.origins.get(first) {
            Some(origin) => (origin, &asked.path[first.len() + 1..]),
            None => (&self.origins[""], asked.path.as_str()),
        };
        let method = Method::from_bytes(asked.method.as_bytes()).unwrap();
        let mut request = self.client.request(method, format!("{origin}{path}"));
        for name in ["x-auth-token", "openstack-api-version", "accept"] {
            if let Some(value) = asked.headers.get(name) {
                request = request.header(name, value);
            }
        }
        if !asked.body.is_null() {
            request = request.json(&asked.body);
        } else if !asked.data.is_empty() {
            request = request
                .header("content-type", &asked.headers["content-type"])
                .body(asked.data.clone());
        }
        let Ok(answer) = request.send() else {
            return Reply::Cut;
        };
        let status = answer.status().as_u16();
        let mut headers = Vec::new();
        for name in ["content-type", "x-subject-token", "openstack-api-version"] {
            if let Some(value) = answer.headers().get(name) {
                headers.push((name, value.to_str().unwrap().to_owned()));
            }
        }
        let mut body = answer.text().unwrap_or_default();
        for (service, origin) in &self.origins {
            let here = match service.as_str() {
                "" => asked.base.clone(),
                service => format!("{}/{service}", asked.base),
            };
            body = body.replace(origin, &here);
        }
        Reply::With(status, headers, body)
    }
}

/// `http://host:port` of a URL.
fn origin(url: &str) -> String {
    let end = url
        .match_indices('/')
        .nth(2)
        .map_or(url.len(), |(at, _)| at);
    url[..end].to_owned()
}
