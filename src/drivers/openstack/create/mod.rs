//! Creation of a server, as far as clouds differ from other hosts; `drivers/creation` has the order.
//!
//! | file | concern |
//! |---|---|
//! | `claim` | who may have a name |
//! | `execute` | the plan, step by step; each writes down what it is about to make |
//! | `made` | the server that was made |
//! | `wait` | the wait for volumes, and for a server to run |

mod claim;
mod execute;
mod made;
mod wait;

use made::Made;
use uuid::Uuid;

use super::api::compute;
use super::artifacts::Artifact;
use super::cloud::Cloud;
use super::lookup::servers::named;
use super::plan::{self, Facts, Plan, Request, user_data};
use super::record::Record;
use super::removal::Remover;
use super::servers::{InCloud, delete, fault_error, show, shown, what_is_missing};
use super::settings::Settings;
use crate::driver::{
    Context, CreateOptions, Created, DeleteOptions, Deleted, PlanAnswer, Server, ServerSpec,
    Status, WaitFor,
};
use crate::drivers::creation::{self, ArtifactOf, CreatedServer, Creator, Namesake, Steps, Wanted};
use crate::drivers::minion::{self, ServerIdentity};
use crate::transaction::{Cancel, Transaction};
use crate::{Error, Kind, Result};

/// What creating `spec` would do.
pub(super) fn plan_only(
    cx: &Context,
    settings: &Settings,
    spec: &ServerSpec,
) -> Result<PlanAnswer> {
    let request = Request::read(settings, spec)?;
    let cloud = Cloud::connect(settings, &cx.cancel)?;
    creation::plan_only(&Creation::new(cx, &cloud, settings, &request), spec)
}

/// Creates the server that `spec` asks for.
pub(super) fn create(
    cx: &Context,
    settings: &Settings,
    spec: &ServerSpec,
    options: CreateOptions,
) -> Result<Created> {
    let request = Request::read(settings, spec)?;
    check_for_cloud(options)?;
    let wanted = Wanted::check(cx, spec, request.minion_id.as_ref(), options)?;
    let cloud = Cloud::connect(settings, &cx.cancel)?;
    creation::create(cx, wanted, &Creation::new(cx, &cloud, settings, &request))
}

/// What is asked for beyond the server must fit to a cloud.
fn check_for_cloud(options: CreateOptions) -> Result<()> {
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
    Ok(())
}

/// One creation in one cloud.
struct Creation<'a> {
    cx: &'a Context,
    cloud: &'a Cloud,
    settings: &'a Settings,
    request: &'a Request,
    in_cloud: InCloud<'a>,
}

impl<'a> Creation<'a> {
    fn new(
        cx: &'a Context,
        cloud: &'a Cloud,
        settings: &'a Settings,
        request: &'a Request,
    ) -> Self {
        Self {
            cx,
            cloud,
            settings,
            request,
            in_cloud: InCloud::new(cx, cloud),
        }
    }
}

impl<'a> Creator for Creation<'a> {
    type Host = InCloud<'a>;
    type Plan = (Facts, Plan);
    type Existing = compute::Server;
    type Server = Made;

    fn host(&self) -> &InCloud<'a> {
        &self.in_cloud
    }

    fn digest(&self) -> String {
        plan::digest(self.request)
    }

    /// Those that are on their way out do not count, those in `ERROR` last.
    fn namesakes(&self) -> Result<Vec<Namesake<compute::Server>>> {
        let mut all = named(self.cloud, &self.request.spec.server_name)?;
        all.retain(|server| server.task_state.as_deref() != Some("deleting"));
        all.sort_by_key(|server| server.status == "ERROR");
        let namesake = |server: compute::Server| match Record::of(&server.metadata) {
            Some(record) => Namesake::Ours {
                server,
                digest: record.spec,
            },
            None => Namesake::Foreign("this program did not make".to_owned()),
        };
        Ok(all.into_iter().map(namesake).collect())
    }

    fn what_is_missing(&self, existing: &compute::Server) -> Result<Vec<String>> {
        what_is_missing(self.cloud, existing)
    }

    fn show_existing(&self, existing: &compute::Server) -> Result<(Server, Vec<String>)> {
        let failed = existing.status == "ERROR";
        let warnings = failed.then(|| fault_error(existing).to_string());
        let server = shown(self.cloud, self.settings, existing)?;
        Ok((server, Vec::from_iter(warnings)))
    }

    /// The user-data is tried out, so that what does not fit in it fails before anything is made.
    fn prepare(&self) -> Result<(Facts, Plan)> {
        let facts = Facts::gather(self.cloud, self.request)?;
        let mut plan = plan::plan(self.request, &facts, Uuid::new_v4())?;
        plan.record.provider = Some(self.settings.provider_name.clone());
        user_data(&plan, self.request, Some(&minion::sample()))?;
        Ok((facts, plan))
    }

    fn show_plan(&self, (facts, plan): &(Facts, Plan), exists: bool) -> Result<PlanAnswer> {
        let text = user_data(plan, self.request, Some(&minion::sample()))?;
        let bytes = text.map(|text| text.len() / 4 * 3);
        Ok(plan::answer(plan, self.request, facts, bytes, exists))
    }

    fn identity(&self, (_, plan): &(Facts, Plan)) -> ServerIdentity {
        ServerIdentity {
            name: plan.name.clone(),
            uuid: plan.creation,
        }
    }

    fn execute(
        &self,
        (facts, plan): &(Facts, Plan),
        steps: &mut Steps<'_, Artifact>,
    ) -> Result<CreatedServer<Made>> {
        let execution = execute::Execution {
            cx: self.cx,
            cloud: self.cloud,
            request: self.request,
            facts,
            plan,
        };
        execution.run(steps)
    }

    fn roll_back(&self, transaction: Transaction<ArtifactOf<Self>>, cause: Error) -> Error {
        roll_back(self.cx, self.settings, transaction, cause)
    }

    fn show(&self, made: &Made) -> Result<Server> {
        match made.take() {
            Some(seen) => shown(self.cloud, self.settings, &seen),
            None => show(self.cloud, self.settings, &made.id),
        }
    }

    fn unseen(&self, (facts, plan): &(Facts, Plan), made: &Made) -> Server {
        let provider = &self.settings.provider_name;
        Server {
            size: self.request.size.clone(),
            image: Some(self.request.image.clone()).filter(|image| !image.is_empty()),
            used_ram: facts.flavor.ram,
            used_cpu: facts.flavor.vcpus,
            used_disk: facts.flavor.disk,
            ..Server::new(provider, &plan.name, made.id.clone(), Status::Unknown)
        }
    }

    fn delete(&self, made: &Made) -> Result<Deleted> {
        let cx = self.cx.undisturbed();
        let cloud = Cloud::connect(self.settings, &cx.cancel)?;
        delete(&cx, &cloud, &made.id, &DeleteOptions::default())
    }

    /// Never asked for: [`check_for_cloud`].
    fn seal(&self, _made: &Made) -> Result<()> {
        Err(Error::new(Kind::Unsupported, "a cloud has no seed"))
    }
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
