//! `config_drive.build`: [`crate::config_drive`] does the work.

use crate::Result;
use crate::config_drive::{BuildAnswer, BuildRequest};
use crate::driver::Context;
use crate::rpc::Service;

pub(super) fn build(_: &Service, _: &Context, params: BuildRequest) -> Result<BuildAnswer> {
    crate::config_drive::build(&params)
}
