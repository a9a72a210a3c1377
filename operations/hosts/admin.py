"""The desk's page of hosts, for whoever runs the site."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from campaigns.base_admin import ReadOnlyAdmin
from delivery.models import HostProcess
from lib import clock

from . import host_differences, overview


@admin.register(HostProcess)
class HostProcessAdmin(ReadOnlyAdmin):
    """One page: hosts, their processes, queues, and who works on what."""

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Show the page; three queries, however many hosts there are."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        at = clock.now()
        hosts = overview.hosts(at=at)
        processes = [one.process for host in hosts for one in host.processes]
        context = {
            **self.admin_site.each_context(request),
            "title": _("Hosts"),
            "opts": self.opts,
            "now": at,
            "hosts": hosts,
            "queues": overview.queues(hosts),
            "disagreements": host_differences.disagreements(processes, at=at),
        }
        return TemplateResponse(request, "operations/hosts/hosts.html", context)
