"""Where a deed leads, told to a page's script that sends a form itself, so that a dead network loses nothing."""

from flask import Flask, Response, request

ASKS = "X-Tell-Address"


def tell_addresses(app: Flask) -> None:
    """Who asks gets the address of a redirect in a header (empty: there is none), and the answer stays here.

    A script cannot see where a redirect leads before it is followed, and following it twice would use up what is told
    on the next page. The header also says that the forum itself answered, and not what stands before it.
    """

    @app.after_request
    def tell(response: Response) -> Response:
        if request.headers.get(ASKS):
            leads = response.status_code == 303
            response.headers[ASKS] = response.headers.pop("Location") if leads else ""
            if leads:
                response.status_code = 200
                response.set_data(b"")
        return response
