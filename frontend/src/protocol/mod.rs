//! What the page and its workers say to each other: one enum per direction, sent as JSON, with at
//! most one thing beside it (a picked file, a model's header, a long text).

mod builder;
mod engine;
mod fault;
mod reader;
pub(crate) mod results;

pub(crate) use builder::{Built, Cut, FromBuilder, Glance, Order, Piece, Printed, ToBuilder};
pub(crate) use engine::{FromEngine, LoadStep, LoadedModel, Source, StoredModel, ToEngine};
pub(crate) use fault::{Fault, Field};
pub(crate) use reader::{Call, FromReader, Put, Reply, ToReader};
