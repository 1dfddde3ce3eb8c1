//! Volumes: their names, how they are made and removed, what goes into them and comes out.

pub(super) mod names;
pub(super) mod stream;
pub(super) mod volume;
