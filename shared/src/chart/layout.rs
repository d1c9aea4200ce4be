//! Lays a figure out as a drawing.

use super::{
    ChartView, Drawing, Figure, FigureKind, bars, forest, heat, lines, map, radar, scatter, slope,
};

/// Lays a figure out.
pub fn draw(figure: &Figure, view: &ChartView) -> Drawing {
    match figure.kind {
        FigureKind::Lines => lines::draw(figure, view),
        FigureKind::Bars => bars::draw(figure, view),
        FigureKind::Forest => forest::draw(figure, view),
        FigureKind::Heat => heat::draw(figure, view),
        FigureKind::Radar => radar::draw(figure, view),
        FigureKind::Slope => slope::draw(figure, view),
        FigureKind::Scatter => scatter::draw(figure, view),
        FigureKind::Map => map::draw(figure, view),
    }
}
