//! Creation of a server: the request becomes a plan, the plan is carried out as a transaction, and
//! then the guest is waited for as far as the caller asks.

mod execute;
mod finish;

use uuid::Uuid;

use super::host::Host;
use super::plan::{self, Existing, Facts, Plan, Request, existing};
use super::remover::Remover;
use super::servers::{OnHost, show, what_is_missing};
use super::settings::Settings;
use crate::driver::{Context, CreateOptions, Created, PlanAnswer, ServerSpec, WaitFor};
use crate::drivers::creation::{check_options, clear_up, has_reached};
use crate::drivers::minion::{self, ServerIdentity, as_request_error};
use crate::transaction::{Journal, Transaction};
use crate::{Error, Kind, Result};

/// What creating `spec` would do.
pub(super) fn plan_only(settings: &Settings, spec: &ServerSpec) -> Result<PlanAnswer> {
    let request = Request::read(settings, spec)?;
    let host = settings.open()?;
    let exists = existing_server(&host, settings, &request)?;
    let (facts, plan) = prepare(&host, settings, &request)?;
    plan::answer(&plan, settings, &request, &facts, exists)
}

/// Creates the server that `spec` asks for.
pub(super) fn create(
    cx: &Context,
    settings: &Settings,
    spec: &ServerSpec,
    options: CreateOptions,
) -> Result<Created> {
    let request = Request::read(settings, spec)?;
    check_options(request.minion_id.is_some(), options)?;
    let given = minion::given(spec)?;
    let host = settings.open()?;
    clear_up(cx, &OnHost::new(cx, &host, settings))?;
    if existing_server(&host, settings, &request)? {
        let server = show(&host, settings, &spec.server_name)?;
        return Ok(Created {
            created: false,
            ready: has_reached(&server, options),
            sealed: false,
            server,
            minion: None,
            warnings: Vec::new(),
        });
    }
    cx.progress.report("check", 0, 1);
    let (facts, plan) = prepare(&host, settings, &request)?;
    cx.progress.report("check", 1, 1);

    let start = options.wait != Some(WaitFor::Defined);
    let started = minion::listener(cx, request.minion_id.as_ref(), options)?;
    let journal = Journal::create(&cx.state_dir, &settings.host_id(), &plan.name)?;
    let mut transaction = Transaction::begin(journal);
    let execution = execute::Execution {
        cx,
        host: &host,
        settings,
        request: &request,
        facts: &facts,
        plan: &plan,
    };
    let outcome = match execution.run(&mut transaction, given, start) {
        Ok(outcome) => outcome,
        Err(cause) => {
            let remover = Remover::after(cx, &host, &cause, transaction.made());
            return Err(transaction.roll_back(cause, |artifact| remover.remove(artifact)));
        }
    };
    if let Err(error) = transaction.commit() {
        tracing::warn!(%error, "the server is created, but its journal could not be removed");
    }
    finish::NewServer {
        cx,
        host: &host,
        settings,
        request: &request,
        plan: &plan,
        options,
    }
    .finish(outcome, started)
}

/// Whether the server exists already, made from the same specification; another server of that name
/// is an error.
fn existing_server(host: &Host, settings: &Settings, request: &Request) -> Result<bool> {
    let name = &request.spec.server_name;
    let why = match existing(host, name)? {
        None => return Ok(false),
        Some(Existing::Ours(server, record)) if record.spec == plan::digest(settings, request) => {
            return check_whole(&server, &what_is_missing(host, &server, &record)?).map(|()| true);
        }
        Some(Existing::Ours(..)) => "made from another specification".to_owned(),
        Some(Existing::Foreign(why)) => format!("which {why}"),
    };
    Err(execute::name_taken(name, &why))
}

/// Refuses to take a server for the one that is asked for that lacks a part.
fn check_whole(server: &ServerIdentity, missing: &[String]) -> Result<()> {
    if missing.is_empty() {
        return Ok(());
    }
    let message = format!(
        "{} exists already, made from the same specification, but this of it is missing: {}; delete \
         it and create it again",
        server.name,
        missing.join(", ")
    );
    Err(Error::new(Kind::Conflict, message).with_field("/server/server_name"))
}

/// The plan, and what it was made from. The seed is tried out, so that what does not fit in it fails
/// before anything is made.
fn prepare(host: &Host, settings: &Settings, request: &Request) -> Result<(Facts, Plan)> {
    let facts = Facts::gather(host, settings, request)?;
    let plan = plan::plan(settings, request, &facts, Uuid::new_v4())?;
    plan.seed(request, Some(&minion::sample()))
        .image()
        .map_err(as_request_error)?;
    Ok((facts, plan))
}
