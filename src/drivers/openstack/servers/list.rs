//! All servers of the project, in a number of requests that does not grow with them.

use std::collections::{BTreeSet, HashMap};
use std::thread;

use super::measures::{Lookup, recorded_image};
use crate::concurrent::joined;
use crate::driver;
use crate::drivers::openstack::api::compute::{Flavor, Server};
use crate::drivers::openstack::api::image::Image;
use crate::drivers::openstack::api::volume::Volume;
use crate::drivers::openstack::cloud::{Cloud, Path, Service};
use crate::drivers::openstack::lookup::lists::flavors;
use crate::drivers::openstack::settings::Settings;
use crate::{Kind, Result};

/// How many images are asked for at once: their ids stand in the request's path.
const CHUNK: usize = 40;

/// The servers of the project, by name.
pub(crate) fn list(cloud: &Cloud, settings: &Settings, full: bool) -> Result<Vec<driver::Server>> {
    let seen: Vec<Server> = cloud.list(Service::Compute, "/servers/detail", "servers")?;
    let lookup = look_up(cloud, &seen)?;
    let mut servers: Vec<driver::Server> = seen
        .iter()
        .map(|server| lookup.server(settings, server, full))
        .collect();
    servers.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
    Ok(servers)
}

/// Asks for what `servers` refer to and does not come with them.
pub(super) fn look_up(cloud: &Cloud, servers: &[Server]) -> Result<Lookup> {
    let with_flavors = servers
        .iter()
        .any(|server| server.flavor.original_name.is_none());
    let with_volumes =
        servers.iter().any(|server| !server.volumes.is_empty()) && cloud.has(Service::Volume);
    let ids: BTreeSet<&str> = servers
        .iter()
        .filter(|server| recorded_image(server).is_none())
        .filter_map(|server| server.image.as_deref())
        .collect();
    thread::scope(|scope| {
        let flavors = with_flavors.then(|| scope.spawn(|| flavors(cloud)));
        let volumes = with_volumes.then(|| {
            scope.spawn(|| -> Result<Vec<Volume>> {
                cloud.list(Service::Volume, "/volumes/detail", "volumes")
            })
        });
        let images = image_names(cloud, &ids);
        let flavors = flavors.map_or_else(|| Ok(Vec::new()), joined);
        let volumes = volumes.map_or_else(|| Ok(Vec::new()), joined);
        Ok(Lookup {
            flavors: by(as_told(flavors)?, |flavor: &Flavor| flavor.id.clone()),
            volumes: by(as_told(volumes)?, |volume: &Volume| volume.id.clone()),
            images: as_told(images)?,
        })
    })
}

/// What a service has told of what servers refer to. One that does not answer hides no server.
fn as_told<T: Default>(answer: Result<T>) -> Result<T> {
    match answer {
        Err(error) if error.kind() != Kind::Cancelled => {
            tracing::warn!("servers are shown without what was asked for beside them: {error}");
            Ok(T::default())
        }
        answer => answer,
    }
}

/// The names of images, by id; those that are gone have none.
fn image_names(cloud: &Cloud, ids: &BTreeSet<&str>) -> Result<HashMap<String, String>> {
    let ids: Vec<&str> = ids.iter().copied().collect();
    let mut names = HashMap::new();
    for chunk in ids.chunks(CHUNK) {
        let path = Path::query("/v2/images", &[("id", &format!("in:{}", chunk.join(",")))]);
        let images: Vec<Image> = cloud.list(Service::Image, path, "images")?;
        names.extend(
            images
                .into_iter()
                .filter_map(|image| Some((image.id, image.name?))),
        );
    }
    Ok(names)
}

fn by<T>(list: Vec<T>, id: impl Fn(&T) -> String) -> HashMap<String, T> {
    list.into_iter().map(|one| (id(&one), one)).collect()
}
