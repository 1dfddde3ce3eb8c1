//! What a vendor says of a cloud of its own: `clouds-public.yaml`, and a list of what openstacksdk knows.

use std::path::Path;

use serde_json::{Map, Value};

use super::files::{cloud_of, clouds_in, clouds_of, merge, places};
use super::region::REGION_NAME;
use crate::drivers::openstack::settings::members::REGIONS;
use crate::{Error, Kind, Result};

/// As `clouds-public.yaml` has them.
const KNOWN: &str = include_str!("vendors.yaml");
const LIST: &str = "public-clouds";

/// Puts what `vendor` says below what `cloud` says itself.
pub(super) fn complete(cloud: &mut Map<String, Value>, vendor: &str) -> Result<()> {
    let mut said = None;
    let paths = places("clouds-public", None);
    if let Some(path) = paths.iter().find(|path| path.is_file()) {
        said = cloud_of(path, &clouds_in(path, LIST, vendor)?, vendor)?;
    }
    let path = Path::new("vendors.yaml");
    let known = clouds_of(KNOWN, path, LIST, vendor)?;
    let Some(mut said) =
        said.map_or_else(|| cloud_of(path, &known, vendor), |one| Ok(Some(one)))?
    else {
        let names: Vec<_> = known.keys().map(String::as_str).collect();
        let message = format!(
            "neither clouds-public.yaml nor this program knows {vendor:?}, so say auth_url and the rest of \
             it; this program knows: {}",
            names.join(", ")
        );
        return Err(Error::new(Kind::Unsupported, message));
    };
    let regions = [REGION_NAME, REGIONS.name];
    if regions.iter().any(|one| cloud.contains_key(*one)) {
        said.retain(|name, _| !regions.contains(&name.as_str()));
    }
    merge(&mut said, std::mem::take(cloud));
    *cloud = said;
    Ok(())
}
