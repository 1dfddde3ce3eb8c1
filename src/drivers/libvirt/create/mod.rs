//! Creation of a server: the request becomes a plan, the plan is carried out as a transaction, and
//! then the guest is waited for as far as the caller asks.

mod carry_out;
mod keys;
mod wait;

use uuid::Uuid;

use super::host::Host;
use super::made::Undoer;
use super::plan::{self, Existing, Facts, Plan, Request, as_request_error, existing};
use super::servers::{delete, recover, show};
use super::settings::Settings;
use crate::driver::{
    Context, CreateOptions, Created, CreatedMinion, DeleteOptions, PlanAnswer, ServerSpec, WaitFor,
};
use crate::transaction::{Journal, Transaction};
use crate::{Error, Kind, Result};

/// What creating `spec` would do.
pub(super) fn plan_only(
    cx: &Context,
    settings: &Settings,
    spec: &ServerSpec,
) -> Result<PlanAnswer> {
    let request = Request::read(settings, spec)?;
    let host = settings.open()?;
    let stands = standing(&host, settings, &request)?;
    let (facts, plan) = prepare(cx, &host, settings, &request)?;
    plan::answer(&plan, settings, &request, &facts, stands)
}

/// Creates the server that `spec` asks for.
pub(super) fn create(
    cx: &Context,
    settings: &Settings,
    spec: &ServerSpec,
    options: CreateOptions,
) -> Result<Created> {
    let request = Request::read(settings, spec)?;
    let given = keys::given(&request)?;
    let host = settings.open()?;
    let left = recover(cx, &host, settings)?;
    if !left.left_behind.is_empty() {
        tracing::warn!(
            count = left.left_behind.len(),
            "parts of a creation that was cut off are still there"
        );
    }
    if standing(&host, settings, &request)? {
        let server = show(&host, settings, &spec.server_name)?;
        return Ok(Created {
            created: false,
            ready: true,
            server,
            minion: None,
            warnings: Vec::new(),
        });
    }
    cx.progress.report("check", 0, 1);
    let (facts, plan) = prepare(cx, &host, settings, &request)?;
    cx.progress.report("check", 1, 1);

    let start = options.wait != Some(WaitFor::Defined);
    let journal = Journal::create(&cx.state_dir, &settings.host_id(), &plan.name)?;
    let mut transaction = Transaction::begin(journal);
    let work = carry_out::Work {
        cx,
        host: &host,
        settings,
        request: &request,
        facts: &facts,
        plan: &plan,
    };
    let done = match work.run(&mut transaction, given, start) {
        Ok(done) => done,
        Err(cause) => {
            let undoer = Undoer::new(&host, settings);
            return Err(transaction.roll_back(cause, |made| undoer.undo(made)));
        }
    };
    if let Err(error) = transaction.commit() {
        tracing::warn!(%error, "the server stands, but its journal could not be removed");
    }
    let ready = wait_or_undo(cx, &host, settings, &plan, options)?;
    Ok(Created {
        created: true,
        ready,
        server: show(&host, settings, &plan.name)?,
        minion: done
            .keys
            .zip(request.minion_id.as_ref())
            .map(|(keys, id)| CreatedMinion {
                id: id.to_string(),
                fingerprint: keys.fingerprint,
                public_key: keys.public,
                accepted: done.accepted,
            }),
        warnings: plan.warnings.iter().cloned().chain(done.warnings).collect(),
    })
}

/// Whether the server stands already, made from the same specification; another server of that name
/// is an error.
fn standing(host: &Host, settings: &Settings, request: &Request) -> Result<bool> {
    let name = &request.spec.server_name;
    let why = match existing(host, settings, name)? {
        None => return Ok(false),
        Some(Existing::Ours(record)) if record.spec == plan::digest(settings, request) => {
            return Ok(true);
        }
        Some(Existing::Ours(_)) => "made from another specification",
        Some(Existing::Foreign) => "which this program did not make",
    };
    Err(carry_out::name_taken(name, why))
}

/// The plan, and what it was made from. The seed is tried out, so that what does not fit in it fails
/// before anything is made.
fn prepare(
    _cx: &Context,
    host: &Host,
    settings: &Settings,
    request: &Request,
) -> Result<(Facts, Plan)> {
    let facts = Facts::gather(host, settings, request)?;
    let plan = plan::plan(settings, request, &facts, Uuid::new_v4())?;
    plan.seed(request, Some(&keys::sample()))
        .image()
        .map_err(as_request_error)?;
    Ok((facts, plan))
}

/// Waits as far as `options` ask. An interruption undoes the creation; time that runs out does not.
fn wait_or_undo(
    cx: &Context,
    host: &Host,
    settings: &Settings,
    plan: &Plan,
    options: CreateOptions,
) -> Result<bool> {
    match wait::wait(cx, host, settings, &plan.name, options) {
        Err(error) if error.kind() == Kind::Cancelled => {
            let all = DeleteOptions::default();
            match delete(cx, host, settings, &plan.name, &all) {
                Ok(_) => Err(error),
                Err(undo) => Err(Error::new(Kind::PartialFailure, error.message())
                    .with_source(undo.message())
                    .with_left_behind(undo.left_behind().to_vec())),
            }
        }
        other => other,
    }
}
