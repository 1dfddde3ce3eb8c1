//! What a driver does for a creation: that in which hosts differ.

use super::recovery::Recovery;
use super::steps::Steps;
use crate::driver::{Deleted, PlanAnswer, Server};
use crate::drivers::minion::ServerIdentity;
use crate::transaction::Transaction;
use crate::{Error, Result};

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
    fn show_existing(&self, existing: &Self::Existing) -> Result<(Server, Vec<String>)>;

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
    ) -> Result<CreatedServer<Self::Server>>;

    /// Undoes what a creation that `cause` has ended had made.
    fn roll_back(&self, transaction: Transaction<ArtifactOf<Self>>, cause: Error) -> Error;

    /// The server that was made, in the full view.
    fn show(&self, server: &Self::Server) -> Result<Server>;

    /// The same as far as the plan tells, where the host cannot be asked.
    fn unseen(&self, plan: &Self::Plan, server: &Self::Server) -> Server;

    /// Takes the server that was made away again.
    fn delete(&self, server: &Self::Server) -> Result<Deleted>;

    /// Takes the minion's private key off the seed.
    fn seal(&self, server: &Self::Server) -> Result<()>;
}

/// A server that was made.
#[derive(Debug)]
pub(in crate::drivers) struct CreatedServer<S> {
    pub(in crate::drivers) server: S,
    pub(in crate::drivers) started: Started,
    /// What the caller should know although nothing failed.
    pub(in crate::drivers) warnings: Vec<String>,
}

/// Whether a server has started, as far as that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::drivers) enum Started {
    Yes,
    /// Not within its time; it may still.
    NotYet,
    /// It could not be seen any more; why.
    Unseen(String),
}
