import cell from "built:cell";

const kPage = 'page="backnorm.html"';

/** The notebook's cell, backnorm_check. page: the address of this page, or the link of an assignment. */
export function cellAsCode(page: string | undefined): string {
  return page ? cell.replace(kPage, () => `page=${JSON.stringify(page)}`) : cell;
}
