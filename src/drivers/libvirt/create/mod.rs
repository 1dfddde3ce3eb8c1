//! Creation of a server, as far as libvirt hosts differ from others; `drivers/creation` has the order.

mod execute;

use std::sync::{Mutex, MutexGuard, PoisonError};

use uuid::Uuid;

use super::artifacts::Artifact;
use super::domains::Domain;
use super::host::Host;
use super::plan::{self, Existing, Facts, Plan, Request, existing};
use super::remover::Remover;
use super::servers::{OnHost, delete, seal, show, show_new, what_is_missing};
use super::settings::Settings;
use super::xml::record::Record;
use crate::concurrent::both;
use crate::driver::{
    Context, CreateOptions, Created, DeleteOptions, Deleted, PlanAnswer, Server, ServerSpec,
    Status, WaitFor,
};
use crate::drivers::creation::{
    self, ArtifactOf, CreatedServer, Creator, Namesake, Started, Steps, Wanted,
};
use crate::drivers::minion::{self, ServerIdentity, as_request_error};
use crate::transaction::Transaction;
use crate::units::{KIB, MIB};
use crate::{Error, Result};

/// What creating `spec` would do.
pub(super) fn plan_only(
    cx: &Context,
    settings: &Settings,
    spec: &ServerSpec,
) -> Result<PlanAnswer> {
    let request = Request::read(settings, spec)?;
    let host = settings.open()?;
    creation::plan_only(&Creation::new(cx, &host, settings, &request), spec)
}

/// Creates the server that `spec` asks for.
pub(super) fn create(
    cx: &Context,
    settings: &Settings,
    spec: &ServerSpec,
    options: CreateOptions,
) -> Result<Created> {
    let request = Request::read(settings, spec)?;
    let wanted = Wanted::check(cx, spec, request.minion_id.as_ref(), options)?;
    let host = settings.open()?;
    let creation = Creation {
        awaits_guest: !matches!(
            options.wait,
            None | Some(WaitFor::Defined | WaitFor::Running)
        ),
        ..Creation::new(cx, &host, settings, &request)
    };
    creation::create(cx, wanted, &creation)
}

/// One creation on one host.
struct Creation<'a> {
    cx: &'a Context,
    host: &'a Host,
    settings: &'a Settings,
    request: &'a Request,
    on_host: OnHost<'a>,
    /// Whether it is waited for what only the guest tells.
    awaits_guest: bool,
    /// What the host has, looked up beside a server of that name.
    facts: Mutex<Lookup>,
}

/// What the host has of what is asked for.
enum Lookup {
    NotYet,
    Done(Box<Result<Facts>>),
    Used,
}

/// A server that was made.
struct Made {
    identity: ServerIdentity,
    domain: Domain,
}

impl<'a> Creation<'a> {
    fn new(cx: &'a Context, host: &'a Host, settings: &'a Settings, request: &'a Request) -> Self {
        Self {
            cx,
            host,
            settings,
            request,
            on_host: OnHost::new(cx, host),
            awaits_guest: false,
            facts: Mutex::new(Lookup::NotYet),
        }
    }

    /// Looks what the host has, and which it is. What it is asked for its name as well is asked side by side.
    fn look(&self) -> Result<Facts> {
        let gather = || Facts::gather(self.host, self.settings, self.request);
        // what comes of the name is seen where it is needed
        both(|| drop(self.host.id()), gather).1
    }

    fn lookup(&self) -> MutexGuard<'_, Lookup> {
        self.facts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn name(&self) -> &str {
        &self.request.spec.server_name
    }
}

impl<'a> Creator for Creation<'a> {
    type Host = OnHost<'a>;
    type Plan = (Facts, Plan);
    type Existing = Box<Record>;
    type Server = Made;

    fn host(&self) -> &OnHost<'a> {
        &self.on_host
    }

    fn digest(&self) -> String {
        plan::digest(self.settings, self.request)
    }

    fn namesakes(&self) -> Result<Vec<Namesake<Self::Existing>>> {
        // The facts beside it: most often there is none of that name.
        let is_first = matches!(*self.lookup(), Lookup::NotYet);
        let (facts, found) = both(
            || is_first.then(|| self.look()),
            || existing(self.host, self.name()),
        );
        if let Some(facts) = facts {
            *self.lookup() = Lookup::Done(Box::new(facts));
        }
        let found = found?;
        Ok(Vec::from_iter(found.map(|found| match found {
            Existing::Ours(record) => Namesake::Ours {
                digest: record.spec.clone(),
                server: record,
            },
            Existing::Foreign(why) => Namesake::Foreign(why.to_owned()),
        })))
    }

    fn what_is_missing(&self, record: &Box<Record>) -> Result<Vec<String>> {
        what_is_missing(self.host, record)
    }

    fn show_existing(&self, _: &Self::Existing) -> Result<(Server, Vec<String>)> {
        let server = show(self.host, self.settings, self.name())?;
        Ok((server, Vec::new()))
    }

    /// The seed is tried out, so that what does not fit in it fails before anything is made.
    fn prepare(&self) -> Result<(Facts, Plan)> {
        let known = std::mem::replace(&mut *self.lookup(), Lookup::Used);
        let facts = match known {
            Lookup::Done(facts) => (*facts)?,
            Lookup::NotYet | Lookup::Used => self.look()?,
        };
        let plan = plan::plan(self.settings, self.request, &facts, Uuid::new_v4())?;
        plan.seed(self.request, Some(&minion::sample()))
            .image()
            .map_err(as_request_error)?;
        Ok((facts, plan))
    }

    fn show_plan(&self, (facts, plan): &(Facts, Plan), exists: bool) -> Result<PlanAnswer> {
        plan::answer(plan, self.settings, self.request, facts, exists)
    }

    fn identity(&self, (_, plan): &(Facts, Plan)) -> ServerIdentity {
        ServerIdentity {
            name: plan.name.clone(),
            uuid: plan.uuid,
        }
    }

    fn execute(
        &self,
        prepared: &(Facts, Plan),
        steps: &mut Steps<'_, Artifact>,
    ) -> Result<CreatedServer<Made>> {
        let (facts, plan) = prepared;
        let execution = execute::Execution {
            cx: self.cx,
            host: self.host,
            settings: self.settings,
            request: self.request,
            facts,
            plan,
        };
        let (domain, warnings) = execution.run(steps)?;
        let identity = self.identity(prepared);
        Ok(CreatedServer {
            warnings,
            server: Made { identity, domain },
            started: Started::Yes,
        })
    }

    fn roll_back(&self, transaction: Transaction<ArtifactOf<Self>>, cause: Error) -> Error {
        let made = transaction.made();
        let remover = Remover::after(self.cx, self.host, &cause, made);
        transaction.roll_back(cause, |artifact| remover.remove(artifact))
    }

    fn show(&self, server: &Made) -> Result<Server> {
        if self.awaits_guest {
            show(self.host, self.settings, &server.identity.name)
        } else {
            show_new(self.settings, &server.domain)
        }
    }

    fn unseen(&self, _plan: &(Facts, Plan), server: &Made) -> Server {
        let server = &server.identity;
        let (provider, flavour) = (&self.settings.provider_name, &self.request.flavour);
        Server {
            size: self.request.size.clone(),
            image: Some(self.request.image.clone()),
            used_ram: flavour.max_memory() / (MIB / KIB),
            used_cpu: flavour.num_cpus,
            used_disk: flavour.vol_capacity,
            ..Server::new(
                provider,
                &server.name,
                server.uuid.to_string(),
                Status::Unknown,
            )
        }
    }

    fn delete(&self, server: &Made) -> Result<Deleted> {
        let (cx, all) = (self.cx.undisturbed(), DeleteOptions::default());
        let server = (self.settings.pool.as_str(), server.identity.name.as_str());
        delete(&cx, self.host, server, &all)
    }

    fn seal(&self, server: &Made) -> Result<()> {
        seal(self.cx, self.host, &server.identity.name).map(|_| ())
    }
}
