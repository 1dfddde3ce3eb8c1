//! Stands between the program and a real cloud, and once breaks or holds the answer to a request that a
//! test chooses, before the cloud has carried it out or after. It writes down what is asked for, and when.

use std::collections::HashMap;
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

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
    /// The cloud hears of it only after [`Between::release`], whoever still waits.
    Late,
    /// This status is answered in the cloud's place, as often, with `Retry-After` where it is given.
    Says(u16, usize, Option<u16>),
    /// 503 is answered to everything but logins, for so many seconds.
    Unwell(u64),
}

/// When it happens.
#[derive(Debug, Clone, Copy)]
enum When {
    /// At the first request of that method whose path ends so.
    Asked(&'static str, &'static str),
    /// At the request of that number, the first being 0: whatever is no login.
    Request(usize),
}

#[derive(Debug)]
struct State {
    when: When,
    what: What,
    /// How many requests there were besides logins.
    requests: usize,
    /// What [`What::Says`] is said to, and how often still.
    said: Option<(String, usize)>,
    unwell_until: Option<Instant>,
    reached: bool,
    released: bool,
    passed: Vec<Passed>,
}

/// A request that was answered.
#[derive(Debug, Clone)]
pub(crate) struct Passed {
    /// Its method and its path, with the query.
    pub(crate) what: String,
    pub(crate) from: Instant,
    pub(crate) to: Instant,
}

struct Shared {
    /// How far away the cloud is: what a request takes at least.
    far: Duration,
    /// Whether everything seems to have been made long ago.
    aged: bool,
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
        Self::start(
            bed,
            When::Asked(when.0, when.1),
            what,
            Duration::ZERO,
            false,
        )
    }

    /// The same at the request of number `number`.
    pub(crate) fn at_request(bed: &OpenStack, number: usize, what: What) -> Self {
        Self::start(bed, When::Request(number), what, Duration::ZERO, false)
    }

    /// Everything passes, and seems to have been made long ago.
    pub(crate) fn aged(bed: &OpenStack) -> Self {
        let never = When::Request(usize::MAX);
        Self::start(bed, never, What::CutBefore, Duration::ZERO, true)
    }

    /// Everything passes, and takes so long at least.
    pub(crate) fn far(bed: &OpenStack, far: Duration) -> Self {
        let never = When::Request(usize::MAX);
        Self::start(bed, never, What::CutBefore, far, false)
    }

    fn start(bed: &OpenStack, when: When, what: What, far: Duration, aged: bool) -> Self {
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
            far,
            aged,
            origins,
            client,
            state: Mutex::new(State::begin(when, what)),
            changed: Condvar::new(),
        });
        let serving = Arc::clone(&shared);
        let stub = Stub::start(move |asked| {
            thread::sleep(serving.far);
            let reply = serving.serve(asked);
            serving.state.lock().unwrap().passed.push(Passed {
                what: format!("{} {}", asked.method, asked.path),
                from: asked.at,
                to: Instant::now(),
            });
            Some(reply)
        });
        Self { stub, shared }
    }

    /// From now on, counted anew, `what` happens at the request of number `number`.
    pub(crate) fn arm(&self, number: usize, what: What) {
        *self.shared.state.lock().unwrap() = State::begin(When::Request(number), what);
    }

    /// The same at the first request of the method and path `when`.
    pub(crate) fn arm_at(&self, when: (&'static str, &'static str), what: What) {
        *self.shared.state.lock().unwrap() = State::begin(When::Asked(when.0, when.1), what);
    }

    /// Whether it has happened.
    pub(crate) fn is_reached(&self) -> bool {
        self.shared.state.lock().unwrap().reached
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
        assert!(state.reached, "nobody asks for {:?}", state.when);
    }

    /// How many requests there were besides logins.
    pub(crate) fn requests(&self) -> usize {
        self.shared.state.lock().unwrap().requests
    }

    /// What was asked for besides logins since this was asked last, in the order of the answers.
    pub(crate) fn passed(&self) -> Vec<Passed> {
        let mut passed = std::mem::take(&mut self.shared.state.lock().unwrap().passed);
        passed.retain(|one| !one.what.contains(" /v3"));
        passed
    }

    /// Lets everything pass from now on.
    pub(crate) fn release(&self) {
        self.shared.state.lock().unwrap().released = true;
        self.shared.changed.notify_all();
    }
}

impl State {
    fn begin(when: When, what: What) -> Self {
        Self {
            when,
            what,
            requests: 0,
            said: None,
            unwell_until: None,
            reached: false,
            released: false,
            passed: Vec::new(),
        }
    }
}

impl Shared {
    fn serve(&self, asked: &Asked) -> Reply {
        let is_the_one = self.is_the_one(asked);
        if let Some(reply) = self.misbehaviour(asked) {
            return reply;
        }
        if !is_the_one {
            return self.forward(asked);
        }
        let what = self.state.lock().unwrap().what;
        match what {
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
            What::Late => {
                self.happened();
                self.hold();
                self.forward(asked)
            }
            // said already, where it is still to be said
            What::Says(..) | What::Unwell(_) => self.forward(asked),
            What::HoldAfter => {
                let reply = self.forward(asked);
                self.happened();
                self.hold();
                reply
            }
        }
    }

    fn is_the_one(&self, asked: &Asked) -> bool {
        let path = asked.path.split('?').next().unwrap();
        let mut state = self.state.lock().unwrap();
        let is_login = path.ends_with("/auth/tokens");
        state.requests += usize::from(!is_login);
        let is_due = match state.when {
            When::Asked(method, end) => asked.method == method && path.ends_with(end),
            When::Request(number) => !is_login && state.requests == number.saturating_add(1),
        };
        // taken at once, so that it happens to one request only
        let is = is_due && !state.reached && !state.released;
        state.released |= is && matches!(state.what, What::CutBefore | What::CutAfter);
        if is {
            match state.what {
                What::Says(_, times, _) => {
                    state.reached = true;
                    state.said = Some((asked.what(), times));
                }
                What::Unwell(seconds) => {
                    state.reached = true;
                    state.unwell_until = Some(Instant::now() + Duration::from_secs(seconds));
                }
                _ => {}
            }
        }
        is
    }

    /// What is answered in the cloud's place.
    fn misbehaviour(&self, asked: &Asked) -> Option<Reply> {
        let mut state = self.state.lock().unwrap();
        let is_login = asked.what().ends_with("/auth/tokens");
        if !is_login
            && !state.released
            && state.unwell_until.is_some_and(|end| Instant::now() < end)
        {
            return Some(Reply::With(503, Vec::new(), String::new()));
        }
        let What::Says(status, _, after) = state.what else {
            return None;
        };
        if state.released {
            return None;
        }
        let (what, left) = state.said.as_mut()?;
        if *left == 0 || *what != asked.what() {
            return None;
        }
        *left -= 1;
        let after = after.map(|seconds| ("Retry-After", seconds.to_string()));
        Some(Reply::With(status, Vec::from_iter(after), String::new()))
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
        if self.aged {
            body = aged(&body);
        }
        Reply::With(status, headers, body)
    }
}

/// `body` with other dates of what was made; the services space their JSON differently.
fn aged(body: &str) -> String {
    ["\"created_at\": \"", "\"created_at\":\""]
        .iter()
        .fold(body.to_owned(), |body, member| {
            body.replace(&format!("{member}20"), &format!("{member}19"))
        })
}

/// `http://host:port` of a URL.
fn origin(url: &str) -> String {
    let end = url
        .match_indices('/')
        .nth(2)
        .map_or(url.len(), |(at, _)| at);
    url[..end].to_owned()
}
