//! One server, with all that is known of it.

use super::list::look_up;
use crate::Result;
use crate::driver;
use crate::drivers::openstack::api::compute::Server;
use crate::drivers::openstack::cloud::Cloud;
use crate::drivers::openstack::lookup::servers::find;
use crate::drivers::openstack::settings::Settings;

/// The server `name`, which may be its id.
pub(crate) fn show(cloud: &Cloud, settings: &Settings, name: &str) -> Result<driver::Server> {
    shown(cloud, settings, &find(cloud, name)?)
}

/// `server` in the full view.
pub(crate) fn shown(cloud: &Cloud, settings: &Settings, server: &Server) -> Result<driver::Server> {
    let lookup = look_up(cloud, std::slice::from_ref(server))?;
    Ok(lookup.server(settings, server, true))
}
