//! The servers that this program made.

use super::find::named;
use crate::Result;
use crate::drivers::openstack::api::compute::Server;
use crate::drivers::openstack::cloud::Cloud;
use crate::drivers::openstack::record::Record;

/// Those of exactly this `name` that this program made.
pub(crate) fn creations_named(cloud: &Cloud, name: &str) -> Result<Vec<(Record, Server)>> {
    let all = named(cloud, name)?.into_iter();
    Ok(all
        .filter_map(|server| Record::of(&server.metadata).map(|record| (record, server)))
        .collect())
}
