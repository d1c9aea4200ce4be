//! Every row of every table, properties, and published models.

mod costs;
mod doubts;
mod properties;
mod published;
mod results;
mod rows;
mod situations;
