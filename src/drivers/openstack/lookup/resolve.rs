//! What a request names, found in the cloud: by name, by id, or as the `name|id` that forms offer.
//!
//! An id counts before a name, so that nobody takes the place of an image by calling theirs like its id.
//! `field` is the member that the words stand in, such as `/server/image`.

use serde::de::DeserializeOwned;
use serde_json::Value;
use uuid::Uuid;

use crate::drivers::creation::id_in;
use crate::drivers::openstack::api::compute::{Flavor, KeyPair, KeyPairElement, ServerGroup, Zone};
use crate::drivers::openstack::api::image::Image;
use crate::drivers::openstack::api::network::{Network, Port, SecurityGroup, Subnet};
use crate::drivers::openstack::api::volume::{Volume, VolumeType};
use crate::drivers::openstack::cloud::{Cloud, Path, Service};
use crate::{Error, Kind, Result};

use super::lists;

/// The most names that an error tells.
const NAMES: usize = 12;

/// What is looked for.
struct Wanted<'a> {
    /// `image`, for people.
    what: &'static str,
    field: &'a str,
    text: &'a str,
}

/// Something that has a name and an id.
trait Named {
    fn id(&self) -> &str;
    fn name(&self) -> &str;
}

macro_rules! named {
    ($($kind:ty: $name:expr),*) => {$(
        impl Named for $kind {
            fn id(&self) -> &str {
                &self.id
            }
            fn name(&self) -> &str {
                let name: fn(&Self) -> &str = $name;
                name(self)
            }
        }
    )*};
}

named!(
    Image: |image| image.name.as_deref().unwrap_or_default(),
    Flavor: |flavor| &flavor.name,
    Network: |network| &network.name,
    Port: |port| &port.name,
    SecurityGroup: |group| &group.name,
    ServerGroup: |group| &group.name,
    Subnet: |subnet| &subnet.name,
    Volume: |volume| &volume.name,
    VolumeType: |kind| &kind.name
);

/// The image `text`; it must be ready for use.
pub(crate) fn image(cloud: &Cloud, field: &str, text: &str) -> Result<Image> {
    let wanted = Wanted::new("image", field, text);
    usable(&wanted, any_image(cloud, field, text)?)
}

/// The image `text`, whatever state it is in; of several those that are ready for use count.
pub(crate) fn any_image(cloud: &Cloud, field: &str, text: &str) -> Result<Image> {
    let wanted = Wanted::new("image", field, text);
    if let Some(id) = wanted.uuid() {
        let found: Option<Image> = cloud.find(Service::Image, Path::of("/v2/images", &id)?)?;
        if let Some(image) = found {
            return Ok(image);
        }
    }
    let named = Path::query("/v2/images", &[("name", text)]);
    let mut found: Vec<Image> = cloud.list(Service::Image, named, "images")?;
    let is_whole = |image: &Image| image.status == "active" && !image.is_being_imported();
    if found.iter().any(is_whole) {
        found.retain(is_whole);
    }
    wanted.one_of(found, || lists::images(cloud))
}

/// The flavour `text`.
pub(crate) fn flavor(cloud: &Cloud, field: &str, text: &str) -> Result<Flavor> {
    let wanted = Wanted::new("size", field, text);
    wanted.pick(lists::flavors(cloud)?)
}

/// The network `text`.
pub(crate) fn network(cloud: &Cloud, field: &str, text: &str) -> Result<Network> {
    let wanted = Wanted::new("network", field, text);
    by_filter(cloud, &wanted, "/v2.0/networks", "networks", &[], || {
        lists::networks(cloud)
    })
}

/// The subnet `text` of the network `network`.
pub(crate) fn subnet(cloud: &Cloud, field: &str, text: &str, network: &str) -> Result<Subnet> {
    let wanted = Wanted::new("subnet", field, text);
    let of_it = [("network_id", network)];
    by_filter(cloud, &wanted, "/v2.0/subnets", "subnets", &of_it, || {
        let path = Path::query("/v2.0/subnets", &of_it);
        cloud.list(Service::Network, path, "subnets")
    })
}

/// The port `text`.
pub(crate) fn port(cloud: &Cloud, field: &str, text: &str) -> Result<Port> {
    let wanted = Wanted::new("port", field, text);
    by_filter(cloud, &wanted, "/v2.0/ports", "ports", &[], || {
        let path = "/v2.0/ports?fields=id&fields=name";
        cloud.list(Service::Network, path, "ports")
    })
}

/// The security group `text` of the project.
pub(crate) fn sec_group(cloud: &Cloud, field: &str, text: &str) -> Result<SecurityGroup> {
    let wanted = Wanted::new("security group", field, text);
    let project: Vec<(&str, &str)> = cloud
        .project_id()
        .map(|id| ("project_id", id))
        .into_iter()
        .collect();
    by_filter(
        cloud,
        &wanted,
        "/v2.0/security-groups",
        "security_groups",
        &project,
        || lists::sec_groups(cloud),
    )
}

/// The volume type `text`.
pub(crate) fn volume_type(cloud: &Cloud, field: &str, text: &str) -> Result<VolumeType> {
    let wanted = Wanted::new("volume type", field, text);
    wanted.pick(cloud.list(Service::Volume, "/types", "volume_types")?)
}

/// What Cinder calls something, and where it has one and all.
type Kept = (&'static str, &'static str, &'static str, &'static str);
/// Volumes.
pub(crate) const VOLUME: Kept = ("volume", "/volumes", "/volumes/detail", "volumes");
/// Snapshots of volumes.
pub(crate) const SNAPSHOT: Kept = ("snapshot", "/snapshots", "/snapshots/detail", "snapshots");

/// The volume or the snapshot `text`; it must be available.
pub(crate) fn volume(cloud: &Cloud, field: &str, text: &str, kept: Kept) -> Result<Volume> {
    let (what, path, listing, members) = kept;
    let wanted = Wanted::new(what, field, text);
    let by_id = match wanted.uuid() {
        Some(id) => cloud.find::<Value>(Service::Volume, Path::of(path, &id)?)?,
        None => None,
    };
    let by_id =
        by_id.and_then(|mut answer| serde_json::from_value::<Volume>(answer[what].take()).ok());
    let volume = if let Some(volume) = by_id {
        volume
    } else {
        // not every cloud takes a snapshot's name for a filter
        wanted.pick(cloud.list(Service::Volume, listing, members)?)?
    };
    if volume.status == "available" {
        return Ok(volume);
    }
    let message = format!("the {what} {text:?} is {}, not available", volume.status);
    Err(Error::new(Kind::Conflict, message).with_field(field))
}

/// The server group `text`.
pub(crate) fn server_group(cloud: &Cloud, field: &str, text: &str) -> Result<ServerGroup> {
    let wanted = Wanted::new("server group", field, text);
    wanted.pick(cloud.list(Service::Compute, "/os-server-groups", "server_groups")?)
}

/// The key pair `text` of the user; Nova knows it by its name alone.
pub(crate) fn key_pair(cloud: &Cloud, field: &str, text: &str) -> Result<KeyPair> {
    let wanted = Wanted::new("key pair", field, text);
    let mut names = Vec::new();
    let pairs: Vec<KeyPairElement> = lists::key_pairs(cloud)?;
    for KeyPairElement { keypair } in pairs {
        if keypair.name == text {
            return Ok(keypair);
        }
        names.push(keypair.name);
    }
    Err(wanted.not_found(&names))
}

/// Checks that the availability zone `text` is one of `zones`, and available.
pub(crate) fn zone(zones: &[Zone], field: &str, text: &str) -> Result<()> {
    match zones.iter().find(|zone| zone.name == text) {
        Some(zone) if zone.state.available => Ok(()),
        Some(_) => {
            let message = format!("the availability zone {text:?} is not available now");
            Err(Error::new(Kind::Conflict, message).with_field(field))
        }
        None => {
            let names: Vec<_> = zones.iter().map(|zone| zone.name.clone()).collect();
            Err(Wanted::new("availability zone", field, text).not_found(&names))
        }
    }
}

/// Finds in Neutron, which filters by id and by name.
fn by_filter<T: Named + DeserializeOwned + Send + 'static>(
    cloud: &Cloud,
    wanted: &Wanted<'_>,
    path: &'static str,
    member: &str,
    filters: &[(&str, &str)],
    all: impl FnOnce() -> Result<Vec<T>>,
) -> Result<T> {
    let ask = |name: &str, value: &str| -> Result<Vec<T>> {
        let filters = [&[(name, value)], filters].concat();
        cloud.list(Service::Network, Path::query(path, &filters), member)
    };
    if let Some(id) = wanted.uuid()
        && let Some(found) = ask("id", &id)?.pop()
    {
        return Ok(found);
    }
    wanted.one_of(ask("name", wanted.text)?, all)
}

fn usable(wanted: &Wanted<'_>, image: Image) -> Result<Image> {
    let message = match image.status.as_str() {
        _ if image.is_being_imported() => format!(
            "the image {:?} is being imported and is not whole yet; wait for that, or, where its \
             program is gone, let server.recover under its state directory remove it",
            wanted.text
        ),
        "active" => return Ok(image),
        status => format!("the image {:?} is {status}, not ready for use", wanted.text),
    };
    Err(Error::new(Kind::Conflict, message).with_field(wanted.field))
}

impl<'a> Wanted<'a> {
    fn new(what: &'static str, field: &'a str, text: &'a str) -> Self {
        Self { what, field, text }
    }

    /// The id that the text is, or that it ends in.
    fn uuid(&self) -> Option<String> {
        let id = id_in(self.text);
        Uuid::try_parse(id).ok()?;
        Some(id.to_owned())
    }

    /// The one of `all` that is meant.
    fn pick<T: Named>(&self, mut all: Vec<T>) -> Result<T> {
        if let Some(index) = all.iter().position(|one| one.id() == id_in(self.text)) {
            return Ok(all.swap_remove(index));
        }
        let (named, others): (Vec<T>, Vec<T>) =
            all.into_iter().partition(|one| one.name() == self.text);
        self.one_of(named, || Ok(others))
    }

    /// The only one of `named`, which are those of that name; `all` is asked for an error.
    fn one_of<T: Named>(
        &self,
        mut named: Vec<T>,
        all: impl FnOnce() -> Result<Vec<T>>,
    ) -> Result<T> {
        // Glance takes `in:…` in a filter for more than a name.
        named.retain(|one| one.name() == self.text);
        match (named.pop(), named.len()) {
            (Some(only), 0) => Ok(only),
            (Some(last), _) => {
                named.push(last);
                let mut ids: Vec<&str> = named.iter().map(Named::id).collect();
                ids.sort_unstable();
                let message = format!(
                    "there are {} {}s called {:?}; name one by its id: {}",
                    ids.len(),
                    self.what,
                    self.text,
                    ids.join(", ")
                );
                Err(Error::new(Kind::Conflict, message).with_field(self.field))
            }
            (None, _) => {
                let names: Vec<String> = all()?.iter().map(|one| one.name().to_owned()).collect();
                Err(self.not_found(&names))
            }
        }
    }

    fn not_found(&self, names: &[String]) -> Error {
        let mut names: Vec<&str> = names.iter().map(String::as_str).collect();
        names.retain(|name| !name.is_empty());
        names.sort_unstable();
        names.dedup();
        let more = names.len().saturating_sub(NAMES);
        names.truncate(NAMES);
        let there = match (names.is_empty(), more) {
            (true, _) => "there is none at all".to_owned(),
            (false, 0) => format!("there is: {}", names.join(", ")),
            (false, more) => format!("there is: {} and {more} more", names.join(", ")),
        };
        let message = format!("there is no {} {:?}; {there}", self.what, self.text);
        Error::new(Kind::NotFound, message).with_field(self.field)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: &str = "6a2385dc-b2eb-4080-a4c5-fce2471e2745";
    const SECOND: &str = "2d42ff0e-9a0b-49cc-9b6d-6e5c095c9d79";

    fn groups(named: &[(&str, &str)]) -> Vec<SecurityGroup> {
        named
            .iter()
            .map(|(name, id)| SecurityGroup {
                id: (*id).to_owned(),
                name: (*name).to_owned(),
            })
            .collect()
    }

    fn wanted(text: &str) -> Wanted<'_> {
        Wanted::new("security group", "/server/sec_group", text)
    }

    #[test]
    fn an_id_counts_before_a_name() {
        let all = || groups(&[("web", FIRST), (FIRST, SECOND), ("a|b", "7")]);
        for (text, id) in [
            ("web", FIRST),
            (FIRST, FIRST),
            (&format!("web|{FIRST}"), FIRST),
            // it was called otherwise when the form was shown
            (&format!("old name|{FIRST}"), FIRST),
            ("a|b", "7"),
        ] {
            assert_eq!(wanted(text).pick(all()).unwrap().id, id, "{text}");
        }
    }

    #[test]
    fn a_name_that_several_have_asks_for_an_id() {
        let error = wanted("web")
            .pick(groups(&[("web", SECOND), ("db", "7"), ("web", FIRST)]))
            .unwrap_err();
        assert_eq!(error.kind(), Kind::Conflict);
        assert_eq!(error.field(), Some("/server/sec_group"));
        assert!(
            error.message().contains(&format!("{SECOND}, {FIRST}")),
            "{error}"
        );
    }

    #[test]
    fn what_is_not_there_is_told_with_what_is() {
        let error = wanted("wbe").pick(groups(&[("web", "1"), ("db", "2"), ("db", "3")]));
        let error = error.unwrap_err();
        assert_eq!(error.kind(), Kind::NotFound);
        assert_eq!(error.field(), Some("/server/sec_group"));
        assert!(error.message().ends_with("there is: db, web"), "{error}");
        let many: Vec<String> = (0..20).map(|n| format!("g{n:02}")).collect();
        let many: Vec<_> = many.iter().map(|name| (name.as_str(), "1")).collect();
        let error = wanted("web").pick(groups(&many)).unwrap_err();
        assert!(error.message().ends_with("g11 and 8 more"), "{error}");
        let error = wanted("web").pick(groups(&[])).unwrap_err();
        assert!(error.message().ends_with("there is none at all"), "{error}");
    }

    #[test]
    fn only_what_bears_the_name_is_taken_for_it() {
        // Glance answers `name=in:web` with what is called `web`
        let found = wanted("in:web").one_of(groups(&[("web", "1")]), || Ok(groups(&[])));
        assert_eq!(found.unwrap_err().kind(), Kind::NotFound);
    }
}
