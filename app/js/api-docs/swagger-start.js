// Swagger UI over this site's document. `persistAuthorization` is off: a token typed here is gone with the page.
window.ui = window.SwaggerUIBundle({
  url: "/api/openapi.json",
  dom_id: "#reader",
  deepLinking: true,
  persistAuthorization: false,
  validatorUrl: null,
  withCredentials: false,
  tryItOutEnabled: false,
  defaultModelsExpandDepth: 0,
});
