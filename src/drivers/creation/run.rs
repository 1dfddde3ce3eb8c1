//! The order of a creation, which is the same for every driver: what is asked for is checked, what was
//! cut off is cleared up, a server that exists already is answered for; then the plan, carried out as a
//! transaction; then the guest is waited for as far as the caller asks.

use super::finish::{Made, answer_existing, finish};
use super::options::check_options;
use super::recovery::{Recovery, clear_up};
use super::steps::Steps;
use crate::driver::{self, Context, CreateOptions, Created, Deleted, PlanAnswer, ServerSpec};
use crate::drivers::minion::{self, Keys, ServerIdentity};
use crate::salt::MinionId;
use crate::transaction::Transaction;
use crate::{Error, Kind, Result};

/// What is asked for, as far as it is the same for every kind of host.
#[derive(Debug)]
pub(in crate::drivers) struct Wanted<'a> {
    pub(super) spec: &'a ServerSpec,
    pub(super) minion_id: Option<&'a MinionId>,
    pub(super) options: CreateOptions,
    /// The minion's keys, where the caller brings them.
    pub(super) given: Option<Keys>,
}

impl<'a> Wanted<'a> {
    /// Sees that `options` fit to the server, and that the keys which it brings are a pair. Asks no host.
    pub(in crate::drivers) fn check(
        spec: &'a ServerSpec,
        minion_id: Option<&'a MinionId>,
        options: CreateOptions,
    ) -> Result<Self> {
        check_options(minion_id.is_some(), options)?;
        Ok(Self {
            spec,
            minion_id,
            options,
            given: minion::given(spec)?,
        })
    }
}

/// What a creation makes on a driver's host.
pub(in crate::drivers) type ArtifactOf<C> = <<C as Creator>::Host as Recovery>::Artifact;

/// A server that has the wanted name already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::drivers) enum Namesake<E> {
    /// One that this program made, of the specification with that digest.
    Ours { server: E, digest: String },
    /// Any other; what is to be said of it, after "which".
    Foreign(String),
}

/// What a driver does for a creation: that in which hosts differ. A value is about one request, on a
/// host that is connected.
pub(in crate::drivers) trait Creator {
    type Host: Recovery;
    /// The plan, with what it was made from.
    type Plan;
    /// A server that existed before.
    type Existing;
    /// A server that was made.
    type Server;

    fn host(&self) -> &Self::Host;

    /// The digest by which the specification is known again.
    fn digest(&self) -> String;

    /// The servers of the wanted name, in the order in which they count.
    fn namesakes(&self) -> Result<Vec<Namesake<Self::Existing>>>;

    /// What a server that this program made lacks of what was made for it, for people.
    fn what_is_missing(&self, existing: &Self::Existing) -> Result<Vec<String>>;

    /// A server that existed before, in the full view, and what the caller should know of it.
    fn show_existing(&self, existing: &Self::Existing) -> Result<(driver::Server, Vec<String>)>;

    /// Asks the host for the facts and plans. What cannot fit fails here, before anything is made.
    fn prepare(&self) -> Result<Self::Plan>;

    /// The plan for people and programs; `exists` where there is nothing to be made.
    fn show_plan(&self, plan: &Self::Plan, exists: bool) -> Result<PlanAnswer>;

    /// What the server will be known by.
    fn identity(&self, plan: &Self::Plan) -> ServerIdentity;

    /// Carries the plan out, step by step.
    fn execute(
        &self,
        plan: &Self::Plan,
        steps: &mut Steps<'_, ArtifactOf<Self>>,
    ) -> Result<Made<Self::Server>>;

    /// Undoes what a creation that `cause` has ended had made.
    fn roll_back(&self, transaction: Transaction<ArtifactOf<Self>>, cause: Error) -> Error;

    /// The server that was made, in the full view.
    fn show(&self, server: &Self::Server) -> Result<driver::Server>;

    /// The same as far as the plan tells, where the host cannot be asked.
    fn unseen(&self, plan: &Self::Plan, server: &Self::Server) -> driver::Server;

    /// Takes the server that was made away again.
    fn delete(&self, server: &Self::Server) -> Result<Deleted>;

    /// Takes the minion's private key off the seed.
    fn seal(&self, server: &Self::Server) -> Result<()>;
}

/// What creating the server would do.
pub(in crate::drivers) fn plan_only(
    creator: &impl Creator,
    spec: &ServerSpec,
) -> Result<PlanAnswer> {
    let exists = existing(creator, &spec.server_name)?.is_some();
    creator.show_plan(&creator.prepare()?, exists)
}

/// Creates the server that is `wanted`.
pub(in crate::drivers) fn create<C: Creator>(
    cx: &Context,
    wanted: Wanted<'_>,
    creator: &C,
) -> Result<Created> {
    let name = &wanted.spec.server_name;
    clear_up(cx, creator.host())?;
    if let Some(server) = existing(creator, name)? {
        return answer_existing(creator, &server, wanted.options);
    }
    cx.progress.report("check", 0, 1);
    let plan = creator.prepare()?;
    cx.progress.report("check", 1, 1);

    // before the guest starts, or it may be missed
    let started = minion::listener(cx, wanted.minion_id, wanted.options)?;
    let options = wanted.options;
    let host = creator.host().host_id()?;
    let mut steps = Steps::begin(cx, wanted, host, creator.identity(&plan))?;
    let made = match creator.execute(&plan, &mut steps) {
        Ok(made) => made,
        Err(cause) => {
            let error = creator.roll_back(steps.into_transaction(), cause);
            // Of two that ask for the same at once both get the one that is left.
            if error.kind() == Kind::AlreadyExists
                && let Ok(Some(server)) = existing(creator, name)
            {
                return answer_existing(creator, &server, options);
            }
            return Err(error);
        }
    };
    finish(cx, creator, &plan, made, steps.commit(), started)
}

/// The server that exists already, made from the same specification and whole; another one of that
/// name is an error.
fn existing<C: Creator>(creator: &C, name: &str) -> Result<Option<C::Existing>> {
    let digest = creator.digest();
    let mut why = None;
    for namesake in creator.namesakes()? {
        match namesake {
            Namesake::Ours {
                server,
                digest: made_of,
            } if made_of == digest => {
                let missing = creator.what_is_missing(&server)?;
                return if missing.is_empty() {
                    Ok(Some(server))
                } else {
                    Err(not_whole(name, &missing))
                };
            }
            Namesake::Ours { .. } => why = Some("made from another specification".to_owned()),
            Namesake::Foreign(what) => why = why.or(Some(format!("which {what}"))),
        }
    }
    why.map_or(Ok(None), |why| Err(name_taken(name, &why)))
}

/// The error about a server that is not what was made any more.
fn not_whole(name: &str, missing: &[String]) -> Error {
    let message = format!(
        "{name} exists already, made from the same specification, but this of it is missing: {}; \
         delete it and create it again",
        missing.join(", ")
    );
    Error::new(Kind::Conflict, message).with_field("/server/server_name")
}

/// The error about a name that another server has.
pub(in crate::drivers) fn name_taken(name: &str, why: &str) -> Error {
    let message =
        format!("there is a server {name} already, {why}; choose another name or delete that one");
    Error::new(Kind::AlreadyExists, message).with_field("/server/server_name")
}

#[cfg(test)]
mod tests;
