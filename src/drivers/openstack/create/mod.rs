//! Creation of a server: the request becomes a plan, the plan is carried out as a transaction, and
//! then the guest is waited for as far as the caller asks.
//!
//! | file | concern |
//! |---|---|
//! | `claim` | who may have a name |
//! | `execute` | the plan, step by step; each writes down what it is about to make |
//! | `wait` | the wait for a server to run |
//! | `finish` | what comes once the server exists: the wait for the guest, the answer |

mod claim;
mod execute;
mod finish;
mod wait;

use uuid::Uuid;

use super::api::compute::Server;
use super::artifacts::{Artifact, Remover};
use super::cloud::Cloud;
use super::lookup::servers::named;
use super::plan::{self, Facts, Plan, Request, user_data};
use super::record::Record;
use super::servers::{InCloud, fault_error, shown};
use super::settings::Settings;
use crate::driver::{Context, CreateOptions, Created, PlanAnswer, ServerSpec, WaitFor};
use crate::drivers::creation::{check_options, clear_up, has_reached};
use crate::drivers::minion;
use crate::transaction::{Cancel, Journal, Transaction};
use crate::{Error, Kind, Result};

/// What creating `spec` would do.
pub(super) fn plan_only(
    cx: &Context,
    settings: &Settings,
    spec: &ServerSpec,
) -> Result<PlanAnswer> {
    let request = Request::read(settings, spec)?;
    let cloud = Cloud::connect(settings, &cx.cancel)?;
    let exists = existing_server(&cloud, &request)?.is_some();
    let (facts, plan) = prepare(&cloud, &request)?;
    let text = user_data(&plan, &request, Some(&minion::sample()))?;
    let bytes = text.map(|text| text.len() / 4 * 3);
    Ok(plan::answer(&plan, &request, &facts, bytes, exists))
}

/// Creates the server that `spec` asks for.
pub(super) fn create(
    cx: &Context,
    settings: &Settings,
    spec: &ServerSpec,
    options: CreateOptions,
) -> Result<Created> {
    let request = Request::read(settings, spec)?;
    check(&request, options)?;
    let given = minion::given(spec)?;
    let cloud = Cloud::connect(settings, &cx.cancel)?;
    clear_up(cx, &InCloud::new(cx, &cloud))?;
    if let Some(server) = existing_server(&cloud, &request)? {
        return answer_existing(&cloud, settings, &server, options);
    }
    cx.progress.report("check", 0, 1);
    let (facts, plan) = prepare(&cloud, &request)?;
    cx.progress.report("check", 1, 1);

    let started = minion::listener(cx, request.minion_id.as_ref(), options)?;
    let journal = Journal::create(&cx.state_dir, &cloud.host_id(), &plan.name)?;
    let mut transaction = Transaction::begin(journal);
    let execution = execute::Execution {
        cx,
        cloud: &cloud,
        request: &request,
        facts: &facts,
        plan: &plan,
        options,
    };
    let outcome = match execution.run(&mut transaction, given) {
        Ok(outcome) => outcome,
        Err(cause) => {
            let error = roll_back(cx, settings, transaction, cause);
            // Of two that ask for the same at once both get the one that is left.
            if error.kind() == Kind::AlreadyExists
                && let Ok(Some(server)) = existing_server(&cloud, &request)
            {
                return answer_existing(&cloud, settings, &server, options);
            }
            return Err(error);
        }
    };
    if let Err(error) = transaction.commit() {
        tracing::warn!(%error, "the server exists, but its journal could not be removed");
    }
    finish::NewServer {
        cx,
        cloud: &cloud,
        settings,
        request: &request,
        facts: &facts,
        plan: &plan,
        options,
    }
    .finish(outcome, started)
}

/// Undoes what a creation has made, over connections that no interruption ends.
pub(super) fn roll_back(
    cx: &Context,
    settings: &Settings,
    transaction: Transaction<Artifact>,
    cause: Error,
) -> Error {
    let made = transaction.made().to_vec();
    match Cloud::connect(settings, &Cancel::default()) {
        Ok(cloud) => {
            let remover = Remover::after(cx, &cloud, &cause, &made);
            transaction.roll_back(cause, |artifact| remover.remove(artifact))
        }
        Err(error) => transaction.roll_back(cause, |_| Err(error.clone())),
    }
}

/// A server that was asked for again.
fn answer_existing(
    cloud: &Cloud,
    settings: &Settings,
    server: &Server,
    options: CreateOptions,
) -> Result<Created> {
    let mut warnings = Vec::new();
    if server.status == "ERROR" {
        warnings.push(fault_error(server).to_string());
    }
    let server = shown(cloud, settings, server)?;
    Ok(Created {
        created: false,
        ready: has_reached(&server, options),
        sealed: false,
        server,
        minion: None,
        warnings,
    })
}

/// The server that exists already, made from the same specification; another one of that name is an
/// error.
fn existing_server(cloud: &Cloud, request: &Request) -> Result<Option<Server>> {
    let name = &request.spec.server_name;
    let digest = plan::digest(request);
    let mut why = None;
    let mut all = named(cloud, name)?;
    all.retain(|server| server.task_state.as_deref() != Some("deleting"));
    all.sort_by_key(|server| server.status == "ERROR");
    for server in all {
        match Record::of(&server.metadata) {
            Some(record) if record.spec == digest => return Ok(Some(server)),
            Some(_) => why = Some("made from another specification"),
            None => why = why.or(Some("which this program did not make")),
        }
    }
    match why {
        None => Ok(None),
        Some(why) => Err(claim::name_taken(name, why)),
    }
}

/// The plan, and what it was made from. The user-data is tried out, so that what does not fit in it
/// fails before anything is made.
fn prepare(cloud: &Cloud, request: &Request) -> Result<(Facts, Plan)> {
    let facts = Facts::gather(cloud, request)?;
    let plan = plan::plan(request, &facts, Uuid::new_v4())?;
    user_data(&plan, request, Some(&minion::sample()))?;
    Ok((facts, plan))
}

/// What is asked for beyond the server must fit to it, and to a cloud.
fn check(request: &Request, options: CreateOptions) -> Result<()> {
    if options.seal {
        let message = "the cloud's metadata service keeps the user-data, and the minion's key in it, \
                       as long as the server exists; leave seal out, or let the image's minion make \
                       its own key";
        return Err(Error::new(Kind::Unsupported, message).with_field("/seal"));
    }
    if options.wait == Some(WaitFor::Defined) {
        let message =
            "a cloud starts what it creates; wait for running, or not at all (timeout: 0)";
        return Err(Error::new(Kind::Unsupported, message).with_field("/wait"));
    }
    check_options(request.minion_id.is_some(), options)
}
