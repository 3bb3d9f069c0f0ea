// A row of the board. It is drawn when it comes into sight and when the layout or the focus in it changes; while the
// board is scrolled the rows that stay in sight are left as they are.
import { Component } from "preact";
import { Cell } from "./Cell";
import { Head } from "./Head";
import { HEAD_PX, type Layout } from "./layout";
import { taskSignal } from "../state/store";

interface RowProps {
  layout: Layout;
  section: number;
  row: number;
  /** The place in it that has the focus; -1: none. */
  focused: number;
}

interface HeadProps {
  layout: Layout;
  section: number;
  focused: boolean;
}

abstract class Steady<P extends object> extends Component<P> {
  override shouldComponentUpdate(next: Readonly<P>): boolean {
    return (Object.keys(next) as (keyof P)[]).some((name) => next[name] !== this.props[name]);
  }
}

export class HeadRow extends Steady<HeadProps> {
  override render() {
    const { layout, section: number, focused } = this.props;
    const section = layout.sections[number];
    if (!section) return null;
    const place = { transform: `translateY(${layout.tops[number] ?? 0}px)`, height: `${HEAD_PX}px` };
    return (
      <div role="row" aria-rowindex={(layout.rowsBefore[number] ?? 0) + 1} class="takes-row" style={place}>
        <Head section={section} number={number} columns={layout.columns} focused={focused} />
      </div>
    );
  }
}

export class Row extends Steady<RowProps> {
  override render() {
    const { layout, section: number, row, focused } = this.props;
    const section = layout.sections[number];
    if (!section) return null;
    const { columns, rowHeight } = layout;
    const cells = [];
    for (let index = row * columns; index < Math.min((row + 1) * columns, section.length); index += 1) {
      const id = section.feed.idAt(index);
      const held = id === undefined ? undefined : taskSignal(id);
      cells.push(<Cell key={id ?? index} held={held} section={number} index={index} width={layout.cellWidth} focused={focused === index} />);
    }
    const place = {
      transform: `translateY(${(layout.tops[number] ?? 0) + HEAD_PX + row * rowHeight}px)`,
      gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))`,
      height: `${rowHeight}px`,
    };
    return <div role="row" aria-rowindex={(layout.rowsBefore[number] ?? 0) + row + 2} class="takes-row" style={place}>{cells}</div>;
  }
}
